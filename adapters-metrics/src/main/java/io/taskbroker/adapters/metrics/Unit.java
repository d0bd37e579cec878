package io.taskbroker.adapters.metrics;

/**
 * What a histogram measures: the whole numbers that it records, what they are worth to a reader,
 * and the buckets of Prometheus.
 */
@SuppressWarnings("ImmutableEnumChecker") // its bounds never change
enum Unit {
  /** Recorded in microseconds, told in seconds. */
  SECONDS(
      1e-6,
      3_600_000_000L,
      0.0001,
      0.00025,
      0.0005,
      0.001,
      0.0025,
      0.005,
      0.01,
      0.025,
      0.05,
      0.1,
      0.25,
      0.5,
      1,
      2.5,
      5,
      10,
      30,
      60),
  MILLISECONDS(
      1,
      100_000_000L,
      1,
      2.5,
      5,
      10,
      25,
      50,
      100,
      250,
      500,
      1_000,
      2_500,
      5_000,
      10_000,
      60_000,
      600_000,
      3_600_000),
  WHOLE_SECONDS(1, 10_000_000L, 0, 1, 2, 5, 10, 30, 60, 300, 900, 3_600, 21_600, 86_400),
  BYTES(
      1,
      1_000_000_000L,
      256,
      1_024,
      4_096,
      16_384,
      65_536,
      262_144,
      1_048_576,
      4_194_304,
      16_777_216,
      67_108_864),
  COUNT(1, 100_000_000L, 0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000);

  /** What one recorded is worth. */
  final double scale;

  /** What is larger counts as this much. */
  final long largest;

  /** Upper ends of the buckets, in the reader's unit. */
  final double[] bounds;

  Unit(double scale, long largest, double... bounds) {
    this.scale = scale;
    this.largest = largest;
    this.bounds = bounds;
  }
}
