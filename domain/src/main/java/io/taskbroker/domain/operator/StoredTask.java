package io.taskbroker.domain.operator;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.attempt.Token;
import org.jspecify.annotations.Nullable;

/**
 * A task as it stands in the store.
 *
 * @param key the order of arrival; names the task for as long as it is stored
 * @param attempts how often a worker let the deadline pass
 * @param parked why it cannot leave through Kafka; null unless that is so
 * @param failure why it has failed; null unless it has
 * @param handedOutMs when it was handed out last, Unix milliseconds; 0 if that was not in this
 *     process, or is not looked at
 * @param worker who has it, or had its last attempt; null if it waits, was pushed, was handed out
 *     by another process, or that is not looked at
 * @param token names its latest hand-out; {@link Token#NONE} if there is none that counts
 */
public record StoredTask(
    long key,
    Activation activation,
    ActivationState state,
    int attempts,
    @Nullable String parked,
    @Nullable Failure failure,
    long handedOutMs,
    @Nullable String worker,
    long token) {}
