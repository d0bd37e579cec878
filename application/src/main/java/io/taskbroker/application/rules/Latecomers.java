package io.taskbroker.application.rules;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Whether rows came into the store that had been judged by a kill switch which was no longer in
 * force by then. Safe for all threads.
 */
public final class Latecomers {
  private final AtomicBoolean some = new AtomicBoolean();

  /** Some may be in the store from here on. */
  public void note() {
    some.set(true);
  }

  /** Whether there may be some that nobody was told of yet. */
  boolean take() {
    return some.getAndSet(false);
  }
}
