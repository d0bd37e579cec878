package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * A row that has to leave through Kafka, and is held for whoever publishes it.
 *
 * @param attempts how often a worker let the deadline pass
 * @param failure why it has failed; null unless it has, or where that was not written down
 * @param refusals how often it was refused by itself, in this process
 */
public record Outgoing(
    long key,
    Activation activation,
    RetryOverride retry,
    int attempts,
    @Nullable Failure failure,
    int refusals) {}
