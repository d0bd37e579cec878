package io.taskbroker.adapters.kafka;

import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Reaches the thread of an intake that waits for Kafka while its broker stops, or since the host's
 * clock was set back.
 *
 * <p>A membership of the group can be reached from its first question on: one that is made after
 * the call is woken at once. Safe for all threads.
 */
final class StopCall {
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Runnable wake;
  private boolean made;

  /**
   * The call runs {@code wake} from now on, and no longer the one that was given before.
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

  /** Runs the present wake at once. */
  void wake() {
    lock.lock();
    try {
      if (wake != null) {
        wake.run();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Runs the present wake at once, and each later one as soon as it is given. */
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
