package wrong.application.waiting;

import java.util.concurrent.Semaphore;

/** Waits for a permit. */
final class AcquiresASemaphore {
  void enter(Semaphore room) {
    room.acquireUninterruptibly();
  }
}
