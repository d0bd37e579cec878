package io.taskbroker.adapters.kafka;

import java.time.Duration;

/** Longer and longer rests between attempts. Not safe for several threads. */
final class Backoff {
  private static final Duration FIRST = Duration.ofMillis(250);
  private static final Duration LONGEST = Duration.ofSeconds(5);

  private Duration next = FIRST;

  /** The rest after one more failure. */
  Duration next() {
    Duration rest = next;
    Duration doubled = next.multipliedBy(2);
    next = doubled.compareTo(LONGEST) > 0 ? LONGEST : doubled;
    return rest;
  }

  void reset() {
    next = FIRST;
  }
}
