package io.taskbroker.domain.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.RetryOverride;

/** A row that has to leave through Kafka, and is held for whoever publishes it. */
public record Outgoing(long key, Activation activation, RetryOverride retry) {}
