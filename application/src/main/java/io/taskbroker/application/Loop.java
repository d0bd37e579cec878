package io.taskbroker.application;

import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import java.time.Duration;
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
  private final Job job;
  private final Signal wake;
  private volatile boolean closing;

  /**
   * @param name of the thread
   * @param rest between a turn that did nothing, or failed, and the next
   * @param onFailure told of each turn that threw; must not throw itself
   * @param heartbeat beaten before each turn, so that a watchdog sees a turn that never ends
   */
  public Loop(
      Threads threads,
      String name,
      Turn turn,
      Duration rest,
      Consumer<Throwable> onFailure,
      Heartbeat heartbeat) {
    this.turn = turn;
    this.rest = rest;
    this.onFailure = onFailure;
    this.heartbeat = heartbeat;
    this.wake = threads.signal();
    this.job = threads.job(name, Threads.Kind.PLATFORM, this::takeTurns);
  }

  public Loop start() {
    job.start();
    return this;
  }

  /** Ends a rest early: the one under way, or the next. */
  public void nudge() {
    wake.raise();
  }

  /**
   * Waits for the turn in progress; safe to call twice, and from within a turn (without waiting).
   */
  @Override
  public void close() {
    closing = true;
    wake.raise();
    if (!job.isCurrent()) {
      job.awaitEnd();
    }
  }

  private void takeTurns() {
    while (!closing) {
      heartbeat.beat();
      if (takeTurn() == 0) {
        heartbeat.rest(rest);
        boolean _ = wake.await(rest);
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
      closing = true;
      onFailure.accept(e);
      throw e;
    }
  }
}
