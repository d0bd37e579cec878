package wrong.application.waiting;

import java.util.concurrent.locks.LockSupport;

/** Waits for a permit of its own. */
final class Parks {
  void await() {
    LockSupport.parkNanos(this, 1_000);
  }
}
