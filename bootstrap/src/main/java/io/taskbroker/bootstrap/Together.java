package io.taskbroker.bootstrap;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Ends several parts of the broker at the same time, each whatever becomes of the others. */
final class Together {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker");

  private Together() {}

  /** Returns when all have ended. */
  static void close(List<? extends AutoCloseable> parts) {
    List<Thread> threads =
        parts.stream()
            .map(part -> Thread.ofPlatform().name("stop").start(() -> closeOne(part)))
            .toList();
    for (Thread thread : threads) {
      join(thread);
    }
  }

  private static void closeOne(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      LOG.warn("A part of the broker did not stop in order", e);
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException _) { // nobody should, but then there is no time left
      Thread.currentThread().interrupt();
    }
  }
}
