package io.taskbroker.workload.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what another process does, of which no signal comes. */
public final class Waiting {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Waiting() {}

  /**
   * Returns as soon as it holds.
   *
   * @param what is awaited, for the message
   * @throws IllegalStateException if it does not hold within {@code patience}
   */
  public static void until(String what, Duration patience, BooleanSupplier holds) {
    long start = System.nanoTime();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - start > patience.toNanos()) {
        throw new IllegalStateException(
            "waited " + patience.toSeconds() + " s in vain until " + what);
      }
      pause(PAUSE);
    }
  }

  public static void pause(Duration duration) {
    try {
      Thread.sleep(duration);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting", e);
    }
  }
}
