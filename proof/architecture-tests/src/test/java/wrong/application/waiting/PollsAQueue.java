package wrong.application.waiting;

import java.util.concurrent.BlockingQueue;

/** Waits for work. */
final class PollsAQueue {
  Runnable next(BlockingQueue<Runnable> queue) throws InterruptedException {
    return queue.take();
  }
}
