package wrong.application.threads;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A pool that a dump cannot tell. */
final class VirtualExecutor {
  ExecutorService pool() {
    return Executors.newVirtualThreadPerTaskExecutor();
  }
}
