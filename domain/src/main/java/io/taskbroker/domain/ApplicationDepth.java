package io.taskbroker.domain;

import java.time.Duration;
import java.util.Optional;

/**
 * What waits for the workers of one application.
 *
 * @param pending rows in {@code Pending}
 * @param oldest for how long the one of them that was due first has been due, counted from the full
 *     second; empty if none is pending
 * @param sinceAsked how long ago somebody last asked for its work; empty if nobody has since the
 *     broker started, or since its first row came
 * @param asked whether somebody has asked within {@link Backpressure#ASKED_WITHIN}, or its workers
 *     are named in {@code worker_map}; if not its rows count towards the store's size only
 */
public record ApplicationDepth(
    String application,
    int pending,
    Optional<Duration> oldest,
    Optional<Duration> sinceAsked,
    boolean asked) {}
