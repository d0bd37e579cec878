package io.taskbroker.simulation.schedule;

import io.taskbroker.application.threads.Job;
import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.Threads;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The threads of one process. When it ends, all of its jobs stop where they are, as those of a
 * process that is killed.
 */
public final class Life implements Threads {
  /** Told of what no job may do. */
  @FunctionalInterface
  public interface Watch {
    /** A job has ended because it threw. */
    void uncaught(String job, Throwable thrown);
  }

  private final Scheduler scheduler;
  private final String name;
  private final Watch watch;
  private long frozenUntil;
  private boolean over;

  Life(Scheduler scheduler, String name, Watch watch) {
    this.scheduler = scheduler;
    this.name = name;
    this.watch = watch;
  }

  Scheduler scheduler() {
    return scheduler;
  }

  public String name() {
    return name;
  }

  /** No job of this life takes another step. */
  public void end() {
    over = true;
  }

  public boolean isOver() {
    return over;
  }

  /** No job takes a step for this long, as in a process that was stopped from outside. */
  public void freeze(Duration span) {
    frozenUntil = Math.max(frozenUntil, scheduler.nanos() + span.toNanos());
  }

  long frozenUntil() {
    return frozenUntil;
  }

  public boolean isFrozen() {
    return frozenUntil > scheduler.nanos();
  }

  void uncaught(String job, Throwable thrown) {
    watch.uncaught(job, thrown);
  }

  /** Starts a job that nobody waits for. */
  public void run(String job, Runnable work) {
    new Fiber(this, job, work).start();
  }

  /** Lets the job that calls this wait. */
  public void sleep(Duration span) {
    boolean _ = scheduler.current().park(scheduler.nanos() + span.toNanos());
  }

  /**
   * As {@link #await(CompletionStage)}, but no longer than this.
   *
   * @return false if the stage is not complete by then
   */
  public boolean await(CompletionStage<?> stage, Duration longest) {
    return awaitUntil(stage.toCompletableFuture(), scheduler.nanos() + longest.toNanos());
  }

  private boolean awaitUntil(CompletableFuture<?> future, long untilNanos) {
    if (!future.isDone()) {
      Fiber fiber = scheduler.current();
      CompletableFuture<?> _ = future.whenComplete((_, _) -> fiber.wake());
      while (!future.isDone() && scheduler.nanos() < untilNanos) {
        boolean _ = fiber.park(untilNanos);
      }
    } else if (scheduler.isLucky(4)) {
      scheduler.current().giveWay();
    }
    return future.isDone();
  }

  // ---------------------------------------------------------------- the port

  @Override
  public Job job(String job, Kind kind, Runnable work) {
    return new FiberJob(new Fiber(this, job, work));
  }

  @Override
  public Signal signal() {
    return new FiberSignal();
  }

  @Override
  public <T> T await(CompletionStage<T> stage) {
    CompletableFuture<T> future = stage.toCompletableFuture();
    boolean _ = awaitUntil(future, Long.MAX_VALUE);
    return future.join();
  }

  @Override
  public long nanos() {
    return scheduler.nanos();
  }

  private final class FiberJob implements Job {
    private final Fiber fiber;

    FiberJob(Fiber fiber) {
      this.fiber = fiber;
    }

    @Override
    public Job start() {
      fiber.start();
      return this;
    }

    @Override
    public boolean isCurrent() {
      return scheduler.isCurrent(fiber);
    }

    @Override
    public void awaitEnd() {
      boolean _ = awaitEndUntil(Long.MAX_VALUE);
    }

    @Override
    public boolean awaitEnd(Duration longest) {
      return awaitEndUntil(scheduler.nanos() + longest.toNanos());
    }

    private boolean awaitEndUntil(long untilNanos) {
      if (!fiber.isOver()) {
        fiber.wakeAtEnd(scheduler.current());
      }
      while (!fiber.isOver() && scheduler.nanos() < untilNanos) {
        boolean _ = scheduler.current().park(untilNanos);
      }
      return fiber.isOver();
    }
  }

  private final class FiberSignal implements Signal {
    private boolean raised;
    private @Nullable Fiber waiting;

    @Override
    public void raise() {
      raised = true;
      if (waiting != null) {
        waiting.wake();
      }
    }

    @Override
    public void await() {
      boolean _ = awaitUntil(Long.MAX_VALUE);
    }

    @Override
    public boolean await(Duration longest) {
      return awaitUntil(
          longest.isPositive() ? scheduler.nanos() + longest.toNanos() : scheduler.nanos());
    }

    private boolean awaitUntil(long untilNanos) {
      if (raised && scheduler.isLucky(4)) {
        scheduler.current().giveWay();
      }
      if (waiting != null) {
        throw new IllegalStateException("two jobs wait for one signal: " + waiting);
      }
      waiting = scheduler.current();
      while (!raised && scheduler.nanos() < untilNanos) {
        boolean _ = waiting.park(untilNanos);
      }
      waiting = null;
      boolean was = raised;
      raised = false;
      return was;
    }
  }
}
