package io.taskbroker.benchmarks.stall;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a task of an application that has none, once a millisecond, and keeps how long each
 * answer took. A call that waits delays those after it, so their waits are counted as if they had
 * been sent on time.
 */
final class Probe {
  private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long LONGEST_MICROS = TimeUnit.MINUTES.toMicros(1);

  private final BurdenedStore store;
  private final Histogram micros = new Histogram(LONGEST_MICROS, 3);
  private final Thread thread;
  private volatile boolean ending;
  private volatile @Nullable RuntimeException failure;

  private Probe(BurdenedStore store) {
    this.store = store;
    this.thread = Thread.ofPlatform().name("probe").unstarted(this::ask);
  }

  static Probe start(BurdenedStore store) {
    Probe probe = new Probe(store);
    probe.thread.start();
    return probe;
  }

  private void ask() {
    try {
      askAgainAndAgain();
    } catch (RuntimeException e) {
      failure = e;
    }
  }

  private void askAgainAndAgain() {
    while (!ending) {
      long began = System.nanoTime();
      store.askInVain();
      long waited = System.nanoTime() - began;
      micros.recordValueWithExpectedInterval(
          Math.min(LONGEST_MICROS, TimeUnit.NANOSECONDS.toMicros(waited)),
          TimeUnit.NANOSECONDS.toMicros(EVERY_NANOS));
      LockSupport.parkNanos(EVERY_NANOS - waited);
    }
  }

  /**
   * Ends the asking, and returns the waits in microseconds.
   *
   * @throws IllegalStateException if a call has failed: what was measured until then tells nothing
   */
  Histogram end() {
    ending = true;
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    RuntimeException broken = failure;
    if (broken != null) {
      throw new IllegalStateException("the probe's call failed", broken);
    }
    return micros;
  }
}
