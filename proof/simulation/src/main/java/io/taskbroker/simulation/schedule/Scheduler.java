package io.taskbroker.simulation.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Runs the fibers of all lives, one step at a time, in an order that a seed chooses, and keeps the
 * virtual time. To be used by one thread.
 *
 * <p>Each step takes a few microseconds of virtual time. When nobody can run, time jumps to the
 * next moment at which something happens.
 */
public final class Scheduler {
  private static final int LEAST_STEP_NANOS = 1_000;
  private static final int MORE_STEP_NANOS = 20_000;

  private final SplittableRandom random;
  private final List<Fiber> runnable = new ArrayList<>();
  private final PriorityQueue<Timer> timers = new PriorityQueue<>();
  private long nanos;
  private long timersSet;
  private long fingerprint;
  private long taken;
  private volatile long steps;
  private @Nullable Fiber current;

  private record Timer(long nanos, long number, Runnable event) implements Comparable<Timer> {
    @Override
    public int compareTo(Timer other) {
      int order = Long.compare(nanos, other.nanos);
      return order == 0 ? Long.compare(number, other.number) : order;
    }
  }

  public Scheduler(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** Virtual nanoseconds since the beginning. */
  public long nanos() {
    return nanos;
  }

  /** How many steps there have been; for all threads. */
  public long steps() {
    return steps;
  }

  /** A number that follows from every choice so far: two equal runs have the same. */
  public long fingerprint() {
    return fingerprint;
  }

  /** Has this done at a time, between two steps. It must not wait. */
  public void at(long atNanos, Runnable event) {
    timers.add(new Timer(Math.max(atNanos, nanos), timersSet++, event));
  }

  /** Has this done after so long, between two steps. It must not wait. */
  public void after(Duration span, Runnable event) {
    at(nanos + span.toNanos(), event);
  }

  /** A new life, in which jobs can run. */
  public Life life(String name, Life.Watch watch) {
    return new Life(this, name, watch);
  }

  Fiber current() {
    Fiber running = current;
    if (running == null) {
      throw new IllegalStateException("nobody runs who could wait");
    }
    return running;
  }

  /** Name of the life that takes this step; empty between two of them. */
  public String currentLife() {
    Fiber running = current;
    return running == null ? "" : running.life.name();
  }

  boolean isCurrent(Fiber fiber) {
    return fiber.equals(current);
  }

  boolean isLucky(int oneIn) {
    return random.nextInt(oneIn) == 0;
  }

  void makeRunnable(Fiber fiber) {
    if (!fiber.life.isOver()) {
      runnable.add(fiber);
    }
  }

  /**
   * Has one fiber run until it waits, or time pass until something happens.
   *
   * @return false if nothing will ever happen again
   */
  public boolean step() {
    steps = ++taken;
    if (runnable.isEmpty()) {
      Timer next = timers.peek();
      if (next == null) {
        return false;
      }
      nanos = Math.max(nanos, next.nanos());
    }
    if (isDue(timers.peek())) {
      timers.remove().event().run();
      return true;
    }
    runOne();
    return true;
  }

  private boolean isDue(@Nullable Timer timer) {
    return timer != null && timer.nanos() <= nanos;
  }

  private void runOne() {
    int chosen = random.nextInt(runnable.size());
    Fiber fiber = runnable.get(chosen);
    Fiber last = runnable.removeLast();
    if (chosen < runnable.size()) {
      runnable.set(chosen, last);
    }
    if (fiber.life.isOver()) {
      return;
    }
    long frozenUntil = fiber.life.frozenUntil();
    if (frozenUntil > nanos) {
      at(frozenUntil, () -> makeRunnable(fiber));
      return;
    }
    fingerprint = fingerprint * 31 + fiber.name.hashCode() + nanos;
    current = fiber;
    try {
      fiber.run();
    } finally {
      current = null;
    }
    nanos += LEAST_STEP_NANOS + random.nextInt(MORE_STEP_NANOS);
  }
}
