package io.taskbroker.domain;

/** Tells the time. Handed in, so that a test can say what time it is. Safe for all threads. */
@FunctionalInterface
public interface TimeSource {
  Moment now();
}
