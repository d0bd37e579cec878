package io.taskbroker.workload.process;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A clock for limits that programs have to keep. It hardly moves while this process gets no turn:
 * if the machine stops for ten seconds, or is busy with others, all programs are late by as much,
 * and that is no fault of theirs. On a machine with time to spare it is as fast as any other.
 */
public final class FairClock implements AutoCloseable {
  private static final Duration TICK = Duration.ofMillis(10);

  /** The most that counts of the time between two ticks. */
  private static final long MOST_NANOS = 3 * TICK.toNanos();

  private final AtomicLong counted = new AtomicLong();
  private volatile boolean closing;

  private FairClock() {}

  /** A clock that stands at zero, and goes from now on. */
  public static FairClock start() {
    var clock = new FairClock();
    Thread.ofPlatform().daemon().name("fair-clock").start(clock::tick);
    return clock;
  }

  private void tick() {
    long last = System.nanoTime();
    while (!closing) {
      LockSupport.parkNanos(TICK.toNanos());
      long now = System.nanoTime();
      count(now - last);
      last = now;
    }
  }

  /** So much time has passed since the last tick. */
  void count(long nanos) {
    counted.addAndGet(Math.min(nanos, MOST_NANOS));
  }

  /** The time since the start, as far as it counts; exact to some 10 ms. */
  public Duration elapsed() {
    return Duration.ofNanos(counted.get());
  }

  /** Returns once so much time has passed since the start. */
  public void awaitElapsed(Duration span) {
    while (elapsed().compareTo(span) < 0) {
      Waiting.pause(TICK);
    }
  }

  @Override
  public void close() {
    closing = true;
  }
}
