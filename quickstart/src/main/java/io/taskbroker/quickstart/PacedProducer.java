package io.taskbroker.quickstart;

import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.ActivationProducer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Produces the demo's tasks evenly over time, on a thread of its own, and holds back while too many
 * are under way: the demo shows how long a task takes, not how long a queue can be.
 */
final class PacedProducer implements AutoCloseable {
  /** More than tasks of the demo that wait by design: for their delay, or for a retry. */
  static final int MOST_UNDER_WAY = 1_000;

  private static final Duration HOLD = Duration.ofMillis(5);

  /** Late by more than this it does not try to make up for it. */
  private static final Duration FORGIVEN = Duration.ofMillis(200);

  private final ActivationProducer producer;
  private final Ledger ledger;
  private final long tasks;
  private final long gapNanos;
  private final Thread thread;
  private volatile boolean closing;

  private PacedProducer(ActivationProducer producer, Ledger ledger, long tasks, int ratePerSecond) {
    this.producer = producer;
    this.ledger = ledger;
    this.tasks = tasks;
    this.gapNanos = ratePerSecond == 0 ? 0 : TimeUnit.SECONDS.toNanos(1) / ratePerSecond;
    this.thread = Thread.ofPlatform().daemon().name("demo-producer").unstarted(this::produce);
  }

  static PacedProducer start(
      ActivationProducer producer, Ledger ledger, long tasks, int ratePerSecond) {
    var paced = new PacedProducer(producer, ledger, ratePerSecond == 0 ? 0 : tasks, ratePerSecond);
    paced.thread.start();
    return paced;
  }

  private void produce() {
    long due = System.nanoTime();
    for (long number = 0; number < tasks && !closing; number++) {
      producer.produce(DemoTasks.kindOf(number));
      due = Math.max(due + gapNanos, System.nanoTime() - FORGIVEN.toNanos());
      while (!closing && due - System.nanoTime() > 0) {
        LockSupport.parkNanos(this, due - System.nanoTime());
      }
      while (!closing && ledger.unfinished() >= MOST_UNDER_WAY) {
        LockSupport.parkNanos(this, HOLD.toNanos());
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    LockSupport.unpark(thread);
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    producer.close();
  }
}
