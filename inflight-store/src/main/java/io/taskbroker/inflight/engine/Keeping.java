package io.taskbroker.inflight.engine;

import java.time.Duration;

/**
 * What is kept of tasks that are over, for operators.
 *
 * @param ended most tasks of which is remembered, in memory, how they ended
 * @param endedFor for how long
 * @param failed most failed tasks without a dead letter that are kept, with their payload
 * @param failedFor for how long; zero for not at all
 */
public record Keeping(int ended, Duration endedFor, int failed, Duration failedFor) {
  /** Payload of all kept failed tasks together; the oldest go first. */
  static final long MOST_FAILED_BYTES = 256L << 20;

  public static final Keeping NOTHING = new Keeping(0, Duration.ZERO, 0, Duration.ZERO);

  /** What a broker keeps unless it is told otherwise. */
  public static final Keeping DEFAULT =
      new Keeping(10_000, Duration.ofMinutes(10), 10_000, Duration.ofHours(24));

  public Keeping {
    if (ended < 0 || failed < 0) {
      throw new IllegalArgumentException(
          "ended and failed must not be negative: %d, %d".formatted(ended, failed));
    }
    if (endedFor.isNegative() || failedFor.isNegative()) {
      throw new IllegalArgumentException(
          "endedFor and failedFor must not be negative: %s, %s".formatted(endedFor, failedFor));
    }
  }

  boolean keepsFailed() {
    return failed > 0 && failedFor.isPositive();
  }
}
