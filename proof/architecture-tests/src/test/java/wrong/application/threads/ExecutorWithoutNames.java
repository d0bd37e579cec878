package wrong.application.threads;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A pool that a dump cannot tell. */
final class ExecutorWithoutNames {
  ExecutorService pool() {
    return Executors.newCachedThreadPool();
  }
}
