package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long a task is on its way. */
@Command(
    name = "latency",
    description =
        "How long a task takes from the producer's send to the worker's hands, at a steady rate,"
            + " with 8 workers that ask again 5 ms after an empty answer.",
    mixinStandardHelpOptions = true)
public final class LatencyCommand implements Callable<Integer> {
  private static final int WARMUP_BACKLOG = 20_000;
  private static final Duration WARMUP = Duration.ofSeconds(10);
  private static final Duration LAST_ONES = Duration.ofSeconds(30);
  private static final int WORKERS = 8;
  private static final int CONNECTIONS = 4;
  private static final String APPLICATION = "shop";

  @Option(
      names = "--rate",
      paramLabel = "N",
      defaultValue = "500",
      description = "Tasks a second; ${DEFAULT-VALUE} by default.")
  private int rate;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "30",
      description = "How long it is measured; ${DEFAULT-VALUE} by default.")
  private int seconds;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    try (var broker = BrokerUnderTest.start(options, figures)) {
      var pool = broker.workers(WORKERS, CONNECTIONS);
      broker.drain(pool, broker.fill(APPLICATION, WARMUP_BACKLOG));
      flow(broker, WARMUP);
      Duration cpuBefore = broker.cpuTime();
      Ledger ledger = flow(broker, Duration.ofSeconds(seconds));
      Duration cpu = broker.cpuTime().minus(cpuBefore);
      long tasks = ledger.account().completed();
      report(figures, ledger.latencyMicros());
      figures.add("latency.cpu", cpu.toNanos() / 1e3 / tasks, "us_of_broker_cpu/task");
      figures.add("latency.tasks", (double) tasks, "tasks");
    }
    figures.print();
    return 0;
  }

  /** Produces at the rate asked for while workers work, until all is done. */
  private Ledger flow(BrokerUnderTest broker, Duration duration) {
    var ledger = new Ledger();
    var workers = broker.startWorkers(broker.workers(WORKERS, CONNECTIONS), ledger);
    try (workers;
        var producer = broker.producer(APPLICATION, ledger)) {
      produce(producer, duration);
      producer.flush();
      Waiting.until("all tasks are done", LAST_ONES, () -> ledger.unfinished() == 0);
    }
    return ledger;
  }

  private void produce(ActivationProducer producer, Duration duration) {
    long start = System.nanoTime();
    long count = duration.toSeconds() * rate;
    for (long i = 0; i < count; i++) {
      long due = start + i * TimeUnit.SECONDS.toNanos(1) / rate;
      for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
        LockSupport.parkNanos(left);
      }
      producer.produce(BrokerUnderTest.TASK);
    }
  }

  private static void report(Figures figures, Histogram micros) {
    figures.add("latency.p50", micros.getValueAtPercentile(50) / 1e3, "ms");
    figures.add("latency.p90", micros.getValueAtPercentile(90) / 1e3, "ms");
    figures.add("latency.p99", micros.getValueAtPercentile(99) / 1e3, "ms");
    figures.add("latency.p99_9", micros.getValueAtPercentile(99.9) / 1e3, "ms");
    figures.add("latency.max", micros.getMaxValue() / 1e3, "ms");
  }
}
