package io.taskbroker.inflight.engine;

import org.jspecify.annotations.Nullable;

/**
 * What an operator has ordered until further notice, as a journal keeps it. Only its writer knows
 * what the texts mean.
 *
 * @param name tells it from all others
 * @param text null if it does not hold any more
 */
public record StandingOrder(String name, @Nullable String text) {}
