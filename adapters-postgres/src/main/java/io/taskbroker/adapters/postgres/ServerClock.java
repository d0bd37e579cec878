package io.taskbroker.adapters.postgres;

/**
 * How far the server's clock is ahead of this broker's. Ends of leases and deadlines are stored by
 * the server's clock, so that they mean the same to the next owner of a row. Safe for all threads.
 */
final class ServerClock {
  /** What is less may as well come from the measuring, and is taken for none. */
  static final long TOLERANCE_MS = 250;

  private volatile long measuredMs;

  /**
   * Tells what was measured.
   *
   * @param serverMs the server's time, Unix milliseconds
   * @param beforeMs this broker's, before it was asked
   * @param afterMs this broker's, once it had answered
   */
  void measured(long serverMs, long beforeMs, long afterMs) {
    measuredMs = serverMs - (beforeMs + (afterMs - beforeMs) / 2);
  }

  /** How far the server is ahead, in milliseconds, as it was measured last. */
  long aheadMs() {
    return measuredMs;
  }

  private long appliedMs() {
    long ahead = measuredMs;
    return Math.abs(ahead) < TOLERANCE_MS ? 0 : ahead;
  }

  long toServer(long hereMs) {
    return plus(hereMs, appliedMs());
  }

  long fromServer(long serverMs) {
    return plus(serverMs, -appliedMs());
  }

  /** The ends of time stay where they are. */
  private static long plus(long ms, long span) {
    if (ms == Long.MAX_VALUE || ms == Long.MIN_VALUE) {
      return ms;
    }
    long sum = ms + span;
    if (((ms ^ sum) & (span ^ sum)) < 0) {
      return span < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return sum;
  }
}
