package io.taskbroker.benchmarks.postgres;

import java.time.Duration;

/**
 * How long is measured.
 *
 * @param measured each single measurement
 * @param rounds how often ways are compared, in turns
 * @param held how long a snapshot is held
 */
record Lengths(Duration measured, int rounds, Duration held) {
  /** Callers work so long before a measurement begins. */
  static final Duration BEFORE = Duration.ofSeconds(1);
}
