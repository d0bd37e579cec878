package io.taskbroker.application;

import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import java.time.Duration;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes turns at one job, on one named platform thread, until closed.
 *
 * <p>A turn that throws a {@link RuntimeException} is reported and the loop goes on after its rest.
 * An {@link Error} is reported, too, and ends the loop unless it is an {@linkplain #enduring
 * enduring} one. Closing lets the turn in progress end; it is never interrupted, so a turn needs no
 * clean-up of its own.
 */
public final class Loop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::threads");

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
  private final boolean endures;
  private final Job job;
  private final Signal wake;
  private volatile boolean closing;

  /**
   * @param name of the thread
   * @param rest between a turn that did nothing, or failed, and the next
   * @param onFailure told of each turn that threw
   * @param heartbeat beaten before each turn, so that a watchdog sees a turn that never ends
   */
  public Loop(
      Threads threads,
      String name,
      Turn turn,
      Duration rest,
      Consumer<Throwable> onFailure,
      Heartbeat heartbeat) {
    this(threads, name, turn, rest, onFailure, heartbeat, false);
  }

  private Loop(
      Threads threads,
      String name,
      Turn turn,
      Duration rest,
      Consumer<Throwable> onFailure,
      Heartbeat heartbeat,
      boolean endures) {
    this.turn = turn;
    this.rest = rest;
    this.onFailure = onFailure;
    this.heartbeat = heartbeat;
    this.endures = endures;
    this.wake = threads.signal();
    this.job = threads.job(name, Threads.Kind.PLATFORM, this::takeTurns);
  }

  /**
   * A loop that goes on whatever its turns throw: for work that nobody else would take up, and of
   * which a part left undone harms nothing.
   */
  public static Loop enduring(
      Threads threads,
      String name,
      Turn turn,
      Duration rest,
      Consumer<Throwable> onFailure,
      Heartbeat heartbeat) {
    return new Loop(threads, name, turn, rest, onFailure, heartbeat, true);
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
      report(e);
      return 0;
    } catch (Error e) {
      report(e);
      if (endures) {
        return 0;
      }
      closing = true;
      throw e;
    }
  }

  private void report(Throwable thrown) {
    try {
      onFailure.accept(thrown);
    } catch (RuntimeException e) { // or the loop would end without a word
      e.addSuppressed(thrown);
      LOG.error("Whoever is told that a turn failed broke", e);
    }
  }
}
