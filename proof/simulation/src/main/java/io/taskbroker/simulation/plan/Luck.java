package io.taskbroker.simulation.plan;

import java.time.Duration;
import java.util.SplittableRandom;

/** What a seed decides of its plan. */
final class Luck {
  /** When the last thing happens. */
  static final int LONGEST_MS = 6_000;

  final SplittableRandom random;

  Luck(long seed) {
    this.random = new SplittableRandom(seed);
  }

  long someTime() {
    return random.nextInt(LONGEST_MS);
  }

  int broker(int brokers) {
    return random.nextInt(brokers);
  }

  static String name(int broker) {
    return "broker-" + (broker + 1);
  }

  Duration between(int leastMs, int mostMs) {
    return Duration.ofMillis(random.nextInt(leastMs, mostMs));
  }
}
