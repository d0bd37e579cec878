package io.taskbroker.benchmarks.postgres;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What callers have done so far. Safe for all threads. */
final class Tally {
  private final LongAdder completed = new LongAdder();
  private final Recorder claimMicros = new Recorder(3);
  private final Semaphore room;
  private volatile boolean working;

  /**
   * @param backlog tasks that are to wait; so many are missing now
   */
  Tally(int backlog) {
    room = new Semaphore(backlog);
  }

  // ---------------------------------------------------------------- of callers

  boolean goesOn() {
    return working;
  }

  /** A task was handed out, and another one may come in. */
  void claimed(long sinceNanos) {
    claimMicros.recordValue(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - sinceNanos));
    room.release();
  }

  void completed() {
    completed.increment();
  }

  // ---------------------------------------------------------------- of who drives them

  void goOn() {
    working = true;
  }

  void stop() {
    working = false;
  }

  /**
   * Waits a moment until tasks are missing in the backlog, which come in then.
   *
   * @return how many: 0, or {@code least} to {@code most}
   */
  int awaitRoom(int least, int most) {
    try {
      if (!room.tryAcquire(least, 50, TimeUnit.MILLISECONDS)) {
        return 0;
      }
      int found = least;
      while (found < most && room.tryAcquire()) {
        found++;
      }
      return found;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return 0;
    }
  }

  /** Whether so many tasks are missing in the backlog, which come in then. */
  boolean hasRoom(int tasks) {
    return room.tryAcquire(tasks);
  }

  long done() {
    return completed.sum();
  }

  /** How long claims took since this was asked last. */
  Histogram takeClaimMicros() {
    return claimMicros.getIntervalHistogram();
  }
}
