package io.taskbroker.testkit;

import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.SystemThreads;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits for what other threads do, where no signal comes. */
public final class Patience {
  private static final Duration LOOK = Duration.ofMillis(2);
  private static final long PATIENCE_NANOS = Duration.ofMinutes(1).toNanos();

  private Patience() {}

  /**
   * Returns as soon as the condition holds.
   *
   * @throws AssertionError if it does not hold within a minute
   */
  public static void until(BooleanSupplier condition) {
    Signal never = SystemThreads.INSTANCE.signal();
    long end = SystemThreads.INSTANCE.nanos() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (SystemThreads.INSTANCE.nanos() > end) {
        throw new AssertionError("it has not become so within a minute");
      }
      boolean _ = never.await(LOOK);
    }
  }
}
