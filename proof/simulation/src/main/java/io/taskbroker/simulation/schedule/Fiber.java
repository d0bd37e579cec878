package io.taskbroker.simulation.schedule;

import java.util.ArrayList;
import java.util.List;
import jdk.internal.vm.Continuation;
import jdk.internal.vm.ContinuationScope;

/** One job as a coroutine: it runs until it waits, and goes on when its scheduler says so. */
final class Fiber {
  private static final ContinuationScope SCOPE = new ContinuationScope("simulation");

  final Life life;
  final String name;
  private final Continuation continuation;
  private final List<Fiber> awaitingEnd = new ArrayList<>();
  private boolean waiting;

  /** Tells one wait from the next, so that a time that was set for an earlier one wakes nobody. */
  private long waits;

  private boolean woken;
  private boolean started;

  Fiber(Life life, String name, Runnable work) {
    this.life = life;
    this.name = name;
    this.continuation = new Pinned(this, () -> runToEnd(work));
  }

  /** What cannot be left in the middle must not wait: the place is named. */
  private static final class Pinned extends Continuation {
    private final Fiber fiber;

    Pinned(Fiber fiber, Runnable work) {
      super(SCOPE, work);
      this.fiber = fiber;
    }

    @Override
    protected void onPinned(Continuation.Pinned reason) {
      throw new IllegalStateException(
          "job '" + fiber.name + "' waits where it cannot be left (" + reason + ")");
    }
  }

  private void runToEnd(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException | Error e) {
      life.uncaught(name, e);
    }
    awaitingEnd.forEach(Fiber::wake);
  }

  void start() {
    started = true;
    life.scheduler().makeRunnable(this);
  }

  boolean isOver() {
    return !started || continuation.isDone();
  }

  /** Runs this until it waits or ends; for the scheduler. */
  void run() {
    if (!continuation.isDone()) {
      continuation.run();
    }
  }

  /** Ends the wait, if there is one. */
  void wake() {
    if (waiting) {
      waiting = false;
      woken = true;
      life.scheduler().makeRunnable(this);
    }
  }

  /**
   * Lets others run until somebody wakes this or the time has come; for this fiber itself.
   *
   * @param untilNanos of the scheduler's clock; {@link Long#MAX_VALUE} for never
   * @return true if somebody has woken it
   */
  boolean park(long untilNanos) {
    waiting = true;
    woken = false;
    waits++;
    if (untilNanos != Long.MAX_VALUE) {
      long wait = waits;
      life.scheduler().at(untilNanos, () -> timeOver(wait));
    }
    try {
      leave();
    } finally {
      waiting = false; // also if it could not be left
    }
    return woken;
  }

  private void timeOver(long wait) {
    if (waiting && waits == wait) {
      waiting = false;
      life.scheduler().makeRunnable(this);
    }
  }

  /** Lets others run first. */
  void giveWay() {
    life.scheduler().makeRunnable(this);
    leave();
  }

  private static void leave() {
    boolean _ = Continuation.yield(SCOPE);
  }

  void wakeAtEnd(Fiber other) {
    if (!awaitingEnd.contains(other)) {
      awaitingEnd.add(other);
    }
  }

  @Override
  public String toString() {
    return life.name() + "/" + name;
  }
}
