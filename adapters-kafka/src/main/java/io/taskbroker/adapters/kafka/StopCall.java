package io.taskbroker.adapters.kafka;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reaches the thread of an intake that waits for Kafka while its broker stops.
 *
 * <p>A membership of the group can be reached from its first question on: one that is made after
 * the call is woken at once. Safe for all threads.
 */
final class StopCall {
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Runnable wake;
  private boolean made;

  /**
   * From here on the call reaches whoever this wakes, and nobody else.
   *
   * @param wake ends what is waited for now, or the next wait; safe for all threads
   */
  void reaches(Runnable wake) {
    lock.lock();
    try {
      this.wake = wake;
      if (made) {
        wake.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Wakes who can be reached now, and each who can be reached later. */
  void make() {
    lock.lock();
    try {
      made = true;
      if (wake != null) {
        wake.run();
      }
    } finally {
      lock.unlock();
    }
  }
}
