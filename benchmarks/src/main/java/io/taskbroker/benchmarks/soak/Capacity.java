package io.taskbroker.benchmarks.soak;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.BrokerUnderTest;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;

/**
 * What this machine can do: first a stored backlog, which warms the broker up, then tasks of the
 * soak's mix that come as fast as Kafka takes them and are done meanwhile. A soak does both at
 * once, so half of the second is what it runs at.
 */
final class Capacity {
  /** After which a broker counts as warm. */
  private static final int WARMING = 300_000;

  private static final int TASKS = 100_000;
  private static final Duration PATIENCE = Duration.ofMinutes(10);

  private Capacity() {}

  /** Adds what it measures to the figures. */
  static double measure(
      BrokerUnderTest broker, WorkerSettings pool, int largeEach, Figures figures) {
    broker.drain(pool, broker.fill(Mix.APPLICATION, WARMING)).addTo(figures, "soak.warming");
    double rate = through(broker, pool, largeEach);
    figures.add("soak.capacity", rate, "tasks/s");
    return rate;
  }

  private static double through(BrokerUnderTest broker, WorkerSettings pool, int largeEach) {
    var ledger = new Ledger();
    try (var _ = broker.startWorkers(pool, ledger);
        var mix = new Mix(broker, ledger, largeEach)) {
      long start = System.nanoTime();
      for (long number = 0; number < TASKS; number++) {
        mix.produce(number);
      }
      mix.flush();
      Waiting.until("all tasks are done", PATIENCE, () -> ledger.unfinished() == 0);
      return TASKS * 1e9 / (System.nanoTime() - start);
    }
  }
}
