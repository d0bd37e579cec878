package io.taskbroker.inflight.engine;

import org.jspecify.annotations.Nullable;

/**
 * What holds until further notice, such as an operator's pause, as a journal keeps it. Only its
 * writer knows what the texts mean.
 *
 * @param name tells it from all others
 * @param text null if it does not hold any more
 */
public record StandingOrder(String name, @Nullable String text) {}
