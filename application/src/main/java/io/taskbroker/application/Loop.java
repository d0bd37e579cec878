package io.taskbroker.application;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Takes turns at one job, on one named platform thread, until closed.
 *
 * <p>A turn that throws a {@link RuntimeException} is reported and the loop goes on after its rest;
 * an {@link Error} ends the loop and is reported too. Closing lets the turn in progress end; it is
 * never interrupted, so a turn needs no clean-up of its own.
 */
public final class Loop implements AutoCloseable {
  /** One bounded piece of work. */
  @FunctionalInterface
  public interface Turn {
    /** Returns how much was done; after zero the loop rests before the next turn. */
    int run();
  }

  private final Turn turn;
  private final Duration rest;
  private final Consumer<Throwable> onFailure;
  private final Heartbeat heartbeat;
  private final Thread thread;
  private final CountDownLatch closing = new CountDownLatch(1);
  private final AtomicReference<Boolean> nudged = new AtomicReference<>(false);

  /**
   * @param name of the thread
   * @param rest between a turn that did nothing, or failed, and the next
   * @param onFailure told of each turn that threw; must not throw itself
   * @param heartbeat beaten before each turn, so that a watchdog sees a turn that never ends
   */
  public Loop(
      String name, Turn turn, Duration rest, Consumer<Throwable> onFailure, Heartbeat heartbeat) {
    this.turn = turn;
    this.rest = rest;
    this.onFailure = onFailure;
    this.heartbeat = heartbeat;
    this.thread = Thread.ofPlatform().name(name).unstarted(this::takeTurns);
  }

  public Loop start() {
    thread.start();
    return this;
  }

  /** Ends a rest early. */
  public void nudge() {
    nudged.set(true);
    LockSupport.unpark(thread);
  }

  /**
   * Waits for the turn in progress; safe to call twice, and from within a turn (without waiting).
   */
  @Override
  public void close() {
    closing.countDown();
    LockSupport.unpark(thread);
    boolean interrupted = false;
    while (thread.isAlive() && Thread.currentThread() != thread) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isClosing() {
    return closing.getCount() == 0;
  }

  private void takeTurns() {
    while (!isClosing()) {
      heartbeat.beat();
      if (takeTurn() == 0) {
        heartbeat.rest(rest);
        rest();
      }
    }
    heartbeat.end();
  }

  private int takeTurn() {
    try {
      return turn.run();
    } catch (RuntimeException e) {
      onFailure.accept(e);
      return 0;
    } catch (Error e) {
      closing.countDown();
      onFailure.accept(e);
      throw e;
    }
  }

  private void rest() {
    long left = rest.toNanos();
    while (left > 0 && !isClosing() && !nudged.getAndSet(false)) {
      long slice = Math.min(left, TimeUnit.MILLISECONDS.toNanos(50));
      LockSupport.parkNanos(this, slice);
      left -= slice;
    }
  }
}
