package io.taskbroker.domain;

/** A row that has to leave through Kafka, and is held for whoever publishes it. */
public record Outgoing(long key, Activation activation, RetryOverride retry) {}
