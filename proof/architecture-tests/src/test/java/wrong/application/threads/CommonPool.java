package wrong.application.threads;

import java.util.concurrent.ForkJoinPool;

/** Takes the pool that belongs to everybody. */
final class CommonPool {
  ForkJoinPool pool() {
    return ForkJoinPool.commonPool();
  }
}
