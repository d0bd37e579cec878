package io.taskbroker.application.dispatch;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Somebody who takes tasks, such as one connection of a worker: what it took tells whether a
 * delivery that broke off was its fault. Safe for all threads.
 */
public final class Caller {
  private final AtomicLong taken = new AtomicLong();

  /** It has all of one more task. */
  void took() {
    taken.incrementAndGet();
  }

  long taken() {
    return taken.get();
  }
}
