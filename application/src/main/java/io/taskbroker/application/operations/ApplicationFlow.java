package io.taskbroker.application.operations;

import java.time.Duration;
import java.util.Optional;

/**
 * What comes to and leaves one application.
 *
 * @param waiting for a worker, now
 * @param inPerSecond tasks that became its, over the last minute at most
 * @param outPerSecond tasks of it that ended, over the same time
 */
public record ApplicationFlow(
    String application, int waiting, double inPerSecond, double outPerSecond) {
  /** Slower than this is standing still. */
  private static final double SLOWEST_PER_SECOND = 1e-3;

  /** When nothing will wait any more, at these rates; empty if never. */
  public Optional<Duration> drain() {
    double shrinks = outPerSecond - inPerSecond;
    if (waiting == 0) {
      return Optional.of(Duration.ZERO);
    }
    return shrinks < SLOWEST_PER_SECOND
        ? Optional.empty()
        : Optional.of(Duration.ofMillis((long) (waiting / shrinks * 1_000)));
  }
}
