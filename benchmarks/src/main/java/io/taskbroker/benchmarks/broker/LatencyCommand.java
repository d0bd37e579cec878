package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.Compared.Larger;
import io.taskbroker.workload.ledger.Ledger;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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
  private static final int WORKERS = 8;
  private static final int CONNECTIONS = 4;
  private static final String APPLICATION = "shop";

  @Mixin private WatchedOptions watched = new WatchedOptions();

  @Mixin private FlowOptions pace = new FlowOptions();

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    try (var broker = BrokerUnderTest.start(options, figures, watched.settings())) {
      var pool = broker.workers(WORKERS, CONNECTIONS);
      broker.drain(pool, broker.fill(APPLICATION, WARMUP_BACKLOG));
      flow(broker, WARMUP);
      if (watched.watched) {
        compare(broker, figures);
      } else {
        measure(broker, figures);
      }
    }
    figures.print();
    return 0;
  }

  /** Produces at the rate asked for while workers work, until all is done. */
  private Ledger flow(BrokerUnderTest broker, Duration duration) {
    return SteadyFlow.of(broker, broker.workers(WORKERS, CONNECTIONS), pace.rate, duration);
  }

  private void measure(BrokerUnderTest broker, Figures figures) {
    Duration cpuBefore = broker.cpuTime();
    Ledger ledger = flow(broker, pace.length());
    Duration cpu = broker.cpuTime().minus(cpuBefore);
    long tasks = ledger.account().completed();
    SteadyFlow.report(figures, "latency", ledger.latencyMicros());
    figures.add("latency.cpu", cpu.toNanos() / 1e3 / tasks, "us_of_broker_cpu/task");
    figures.add("latency.tasks", (double) tasks, "tasks");
  }

  private void compare(BrokerUnderTest broker, Figures figures) {
    Compared<Histogram> compared =
        watched.compare(broker, figures, () -> flow(broker, pace.length()).latencyMicros());
    for (int percentile : new int[] {50, 90, 99}) {
      compared.addTo(
          figures,
          "latency.p" + percentile,
          "ms",
          Larger.WORSE,
          micros -> micros.getValueAtPercentile(percentile) / 1e3);
    }
  }
}
