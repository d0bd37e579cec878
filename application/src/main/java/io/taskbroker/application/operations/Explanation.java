package io.taskbroker.application.operations;

import org.jspecify.annotations.Nullable;

/**
 * Why something does not move.
 *
 * @param what for example {@code task 'a'}
 * @param why in words for an operator
 * @param remedy what to do about it
 * @param sinceMs Unix milliseconds; null if that is not known
 */
public record Explanation(String what, String why, String remedy, @Nullable Long sinceMs) {}
