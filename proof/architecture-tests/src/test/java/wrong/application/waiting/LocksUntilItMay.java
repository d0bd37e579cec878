package wrong.application.waiting;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/** Waits for a lock for a while. */
final class LocksUntilItMay {
  boolean enter(ReentrantLock lock) throws InterruptedException {
    return lock.tryLock(1, TimeUnit.SECONDS);
  }
}
