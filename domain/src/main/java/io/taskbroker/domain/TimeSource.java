package io.taskbroker.domain;

/** Tells the time. Handed in, so that a test can say what time it is. Safe for all threads. */
@FunctionalInterface
public interface TimeSource {
  Moment now();

  /** A finer reading of the monotonic clock, in nanoseconds, to measure what is short. */
  default long nanos() {
    return now().monotonicMs() * 1_000_000;
  }
}
