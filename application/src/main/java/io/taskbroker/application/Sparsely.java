package io.taskbroker.application;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Lets one log line through per interval, and counts the others. Safe for all threads. */
public final class Sparsely {
  private final LongSupplier nowMs;
  private final Duration interval;
  private long nextMs = Long.MIN_VALUE;
  private long unsaid;

  public Sparsely(TimeSource time, Duration interval) {
    this.nowMs = () -> time.now().monotonicMs();
    this.interval = interval;
  }

  /**
   * @param nanos monotonic time, in nanoseconds
   */
  public Sparsely(LongSupplier nanos, Duration interval) {
    this.nowMs = () -> TimeUnit.NANOSECONDS.toMillis(nanos.getAsLong());
    this.interval = interval;
  }

  /**
   * Counts {@code events} more.
   *
   * @return how many there were since the last line, if it is time for one; 0 otherwise
   */
  public synchronized long count(long events) {
    unsaid += events;
    long now = nowMs.getAsLong();
    if (unsaid == 0 || now < nextMs) {
      return 0;
    }
    nextMs = now + interval.toMillis();
    long said = unsaid;
    unsaid = 0;
    return said;
  }
}
