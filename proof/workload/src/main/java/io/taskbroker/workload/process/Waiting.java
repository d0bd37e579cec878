package io.taskbroker.workload.process;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

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

  /**
   * Returns as soon as nothing is left. A machine that is busy with other things makes that late,
   * and is no fault: it is waited for as long as it becomes less.
   *
   * @param what is awaited, for the message
   * @param patience how long it may stay as much
   * @throws IllegalStateException if it has not become less within {@code patience}
   */
  public static void untilNothingLeft(String what, Duration patience, LongSupplier left) {
    long least = Long.MAX_VALUE;
    long since = System.nanoTime();
    for (long now = left.getAsLong(); now != 0; now = left.getAsLong()) {
      if (now < least) {
        least = now;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > patience.toNanos()) {
        throw new IllegalStateException(
            "waited in vain until %s: %d are left, as %d s before"
                .formatted(what, now, patience.toSeconds()));
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
