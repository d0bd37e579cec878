package io.taskbroker.adapters.http.admin;

import java.time.Duration;

/**
 * For how long one caller may have the store read: at once for a while, and then for a part of the
 * time only. Not safe for several threads.
 */
final class Allowance {
  /** Reading that a caller may have without a pause, after some time without any. */
  static final Duration AT_ONCE = Duration.ofSeconds(1);

  /** After that, one part of so many of the time. */
  static final int PARTS = 10;

  /** No pause is longer, however long a reading took. */
  static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private static final long MOST_NANOS = AT_ONCE.plus(LONGEST_PAUSE.dividedBy(PARTS)).toNanos();

  /** Reading that is not made up for yet. */
  private long owedNanos;

  private long asOfNanos;

  /** How long the caller has to pause now. */
  Duration pause(long nowNanos) {
    makeUp(nowNanos);
    return Duration.ofNanos(Math.max(0, owedNanos - AT_ONCE.toNanos()) * PARTS);
  }

  /** The caller had something read for so long, until now. */
  void spend(Duration took, long nowNanos) {
    makeUp(nowNanos);
    owedNanos = Math.min(MOST_NANOS, owedNanos + took.toNanos());
  }

  private void makeUp(long nowNanos) {
    owedNanos = Math.max(0, owedNanos - (nowNanos - asOfNanos) / PARTS);
    asOfNanos = nowNanos;
  }
}
