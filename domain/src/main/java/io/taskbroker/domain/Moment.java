package io.taskbroker.domain;

import java.time.Duration;

/**
 * One reading of both clocks.
 *
 * <p>Durations that were promised to somebody (deadlines, leases) are judged by the monotonic
 * clock, so that a step of the wall clock shortens none of them. What is written down, and what
 * other programs gave us (expiry, delays), is wall time.
 *
 * @param wallMs milliseconds since the Unix epoch; may step forward or back
 * @param monotonicMs milliseconds of a clock that never steps; comparable within one process only
 */
public record Moment(long wallMs, long monotonicMs) {
  /** This moment, moved by the same span on both clocks. */
  public Moment plus(Duration span) {
    return plusMs(span.toMillis());
  }

  /** This moment, moved by {@code spanMs} milliseconds on both clocks; negative moves back. */
  public Moment plusMs(long spanMs) {
    return new Moment(Times.plus(wallMs, spanMs), Times.plus(monotonicMs, spanMs));
  }

  /** How long ago {@code earlier} was at this moment, told by the monotonic clock. */
  public Duration since(Moment earlier) {
    return Duration.ofMillis(monotonicMs - earlier.monotonicMs);
  }

  /** Whether this moment has passed by {@code now}, told by the monotonic clock. */
  public boolean isBefore(Moment now) {
    return monotonicMs < now.monotonicMs;
  }

  /**
   * A moment that was written down as wall time, seen from this process's clocks.
   *
   * <p>What is left of it is cut to {@code longest}, so that a clock which was wrong when the
   * moment was written cannot postpone it without end.
   */
  public static Moment recall(long wallMs, Moment now, Duration longest) {
    long leftMs = Math.clamp(Times.minus(wallMs, now.wallMs), 0, longest.toMillis());
    return new Moment(wallMs, Times.plus(now.monotonicMs, leftMs));
  }
}
