package io.taskbroker.domain.operator;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Failure;
import org.jspecify.annotations.Nullable;

/**
 * A task that has ended in this process.
 *
 * @param key the order of arrival
 * @param attempts how often a worker let the deadline pass
 * @param handedOutMs when it was handed out last, Unix milliseconds; 0 if that was not in this
 *     process
 * @param endedMs Unix milliseconds
 * @param failure why it had failed; null unless it had
 * @param worker who had its last attempt; null if it waited, was pushed, or nobody knows
 */
public record EndedTask(
    long key,
    Activation activation,
    Ending ending,
    int attempts,
    long handedOutMs,
    long endedMs,
    @Nullable Failure failure,
    @Nullable String worker) {}
