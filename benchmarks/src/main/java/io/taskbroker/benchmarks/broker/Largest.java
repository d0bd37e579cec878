package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.function.LongSupplier;

/** The largest value that something is seen to have; it is looked at 50 times a second. */
final class Largest implements AutoCloseable {
  private static final Duration LOOK_EVERY = Duration.ofMillis(20);

  private final LongSupplier what;
  private final Thread thread;
  private volatile long value;
  private volatile boolean closing;

  private Largest(LongSupplier what) {
    this.what = what;
    this.thread = Thread.ofPlatform().daemon().name("largest").unstarted(this::look);
  }

  /**
   * @param what never negative
   */
  static Largest of(LongSupplier what) {
    var largest = new Largest(what);
    largest.thread.start();
    return largest;
  }

  private void look() {
    while (!closing) {
      value = Math.max(value, what.getAsLong());
      Waiting.pause(LOOK_EVERY);
    }
  }

  long value() {
    return value;
  }

  @Override
  public void close() {
    closing = true;
  }
}
