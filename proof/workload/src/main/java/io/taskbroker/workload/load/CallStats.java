package io.taskbroker.workload.load;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/** How long calls took and how many failed. Safe for all threads. */
final class CallStats {
  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(10);
  private static final int DIGITS = 3;

  private final Histogram micros = new ConcurrentHistogram(LONGEST_MICROS, DIGITS);
  private final LongAdder failed = new LongAdder();

  void answered(long startNanos) {
    long took = TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - startNanos);
    micros.recordValue(Math.clamp(took, 0, LONGEST_MICROS));
  }

  void failure() {
    failed.increment();
  }

  Histogram micros() {
    return micros.copy();
  }

  long failed() {
    return failed.sum();
  }
}
