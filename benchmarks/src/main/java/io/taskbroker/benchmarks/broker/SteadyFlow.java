package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/** Tasks that come at a steady rate, and are done as they come. */
public final class SteadyFlow {
  private static final Duration LAST_ONES = Duration.ofSeconds(30);
  private static final String APPLICATION = "shop";

  private SteadyFlow() {}

  /**
   * Produces at a rate while workers work, until all is done.
   *
   * @param rate tasks a second
   */
  static Ledger of(BrokerUnderTest broker, WorkerSettings pool, int rate, Duration duration) {
    var ledger = new Ledger();
    of(broker, pool, rate, duration, ledger);
    return ledger;
  }

  /** As the other, with a ledger that somebody else looks into meanwhile. */
  static void of(
      BrokerUnderTest broker, WorkerSettings pool, int rate, Duration duration, Ledger ledger) {
    var workers = broker.startWorkers(pool, ledger);
    try (workers;
        var producer = broker.producer(APPLICATION, ledger)) {
      produce(duration.toSeconds() * rate, rate, _ -> producer.produce(BrokerUnderTest.TASK));
      producer.flush();
      Waiting.until("all tasks are done", LAST_ONES, () -> ledger.unfinished() == 0);
    }
  }

  /**
   * Calls {@code each} with the numbers from 0 on, at a rate.
   *
   * @param rate calls a second
   */
  public static void produce(long count, int rate, LongConsumer each) {
    long start = System.nanoTime();
    for (long i = 0; i < count; i++) {
      long due = start + i * TimeUnit.SECONDS.toNanos(1) / rate;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      each.accept(i);
    }
  }

  /** Says how long tasks were on their way, under names that begin with {@code name}. */
  public static void report(Figures figures, String name, Histogram micros) {
    figures.add(name + ".p50", micros.getValueAtPercentile(50) / 1e3, "ms");
    figures.add(name + ".p90", micros.getValueAtPercentile(90) / 1e3, "ms");
    figures.add(name + ".p99", micros.getValueAtPercentile(99) / 1e3, "ms");
    figures.add(name + ".p99_9", micros.getValueAtPercentile(99.9) / 1e3, "ms");
    figures.add(name + ".max", micros.getMaxValue() / 1e3, "ms");
  }
}
