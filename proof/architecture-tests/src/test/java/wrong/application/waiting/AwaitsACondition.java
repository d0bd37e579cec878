package wrong.application.waiting;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Waits with a lock. */
final class AwaitsACondition {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  private boolean open;

  void await() {
    lock.lock();
    try {
      while (!open) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }

  void open() {
    lock.lock();
    try {
      open = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
