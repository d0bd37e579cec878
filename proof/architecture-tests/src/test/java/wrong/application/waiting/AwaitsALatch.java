package wrong.application.waiting;

import java.util.concurrent.CountDownLatch;

/** Waits for an event. */
final class AwaitsALatch {
  void await(CountDownLatch opened) throws InterruptedException {
    opened.await();
  }
}
