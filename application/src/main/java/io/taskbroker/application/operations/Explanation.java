package io.taskbroker.application.operations;

import org.jspecify.annotations.Nullable;

/**
 * Why something does not move.
 *
 * @param what for example {@code task 'a'}
 * @param why in words for an operator
 * @param remedy what to do about it
 * @param sinceMs Unix milliseconds; null if that is not known
 * @param kind whether somebody wants it so
 */
public record Explanation(
    String what, String why, String remedy, @Nullable Long sinceMs, Kind kind) {
  /** Who is behind it. */
  public enum Kind {
    /** Nobody has asked for it. */
    STANDSTILL,
    /** An operator's pause. */
    PAUSE,
    /** An operator's rule. */
    RULE,
    /** A producer's delay. */
    DELAY,
    /** An operator's order to drain. */
    DRAIN
  }

  /** A standstill. */
  public Explanation(String what, String why, String remedy, @Nullable Long sinceMs) {
    this(what, why, remedy, sinceMs, Kind.STANDSTILL);
  }
}
