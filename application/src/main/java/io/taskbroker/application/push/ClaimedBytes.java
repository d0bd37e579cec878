package io.taskbroker.application.push;

/**
 * Counts the payloads in memory that are claimed for pushes, of all applications together. Safe for
 * all threads.
 */
final class ClaimedBytes {
  /** Of all applications. What one of them has alone is bounded by {@link LaneQueue}. */
  static final long MOST = 64 * 1024 * 1024;

  private long free = MOST;

  /**
   * Reserves up to {@code wanted} bytes.
   *
   * @return how many; 0 if none are free
   */
  synchronized long reserve(long wanted) {
    long reserved = Math.clamp(free, 0, Math.max(0, wanted));
    free -= reserved;
    return reserved;
  }

  /**
   * Takes bytes without asking: payloads that are in memory already.
   *
   * @param bytes negative to give back
   */
  synchronized void add(long bytes) {
    free -= bytes;
  }
}
