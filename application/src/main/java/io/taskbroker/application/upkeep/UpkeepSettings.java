package io.taskbroker.application.upkeep;

import java.time.Duration;
import java.util.Optional;

/**
 * How often upkeep looks, and how long it waits for workers after a start.
 *
 * @param interval between two passes
 * @param startupGrace after the start no deadline and no lease is judged for so long, since workers
 *     may hold outcomes that they could not report
 * @param reclaimInterval between two steps that give unused space back
 * @param rewriteInterval between two times that all unused space is given back at once, which stops
 *     all work; empty for never
 */
public record UpkeepSettings(
    Duration interval,
    Duration startupGrace,
    Duration reclaimInterval,
    Optional<Duration> rewriteInterval) {
  public UpkeepSettings {
    if (!interval.isPositive()) {
      throw new IllegalArgumentException("interval must be positive, was " + interval);
    }
    if (startupGrace.isNegative()) {
      throw new IllegalArgumentException("startupGrace must not be negative, was " + startupGrace);
    }
    if (!reclaimInterval.isPositive()) {
      throw new IllegalArgumentException(
          "reclaimInterval must be positive, was " + reclaimInterval);
    }
    if (rewriteInterval.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException(
          "rewriteInterval must not be negative, was " + rewriteInterval.get());
    }
  }

  /** Unused space is given back in small steps only. */
  public UpkeepSettings(Duration interval, Duration startupGrace, Duration reclaimInterval) {
    this(interval, startupGrace, reclaimInterval, Optional.empty());
  }
}
