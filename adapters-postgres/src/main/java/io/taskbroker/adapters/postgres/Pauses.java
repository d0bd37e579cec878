package io.taskbroker.adapters.postgres;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/** Rests between two attempts at the same thing. */
final class Pauses {
  private Pauses() {}

  /**
   * Waits as long as that, up to half more or less by chance.
   *
   * @return false if the thread was interrupted meanwhile
   */
  static boolean rest(Duration about) {
    double share = 0.5 + ThreadLocalRandom.current().nextDouble();
    try {
      Thread.sleep(Duration.ofNanos((long) (about.toNanos() * share)));
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
