package io.taskbroker.domain.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.RetryOverride;
import org.jspecify.annotations.Nullable;

/**
 * One row as a journal keeps it: everything but the payload.
 *
 * @param key the order of arrival; unique, never given twice while the row exists
 * @param attempts how often a worker let the deadline pass
 * @param parked why Kafka will never take it; null unless parked
 */
public record StoredActivation(
    long key,
    Activation activation,
    ActivationState state,
    int attempts,
    RetryOverride retry,
    @Nullable String parked) {}
