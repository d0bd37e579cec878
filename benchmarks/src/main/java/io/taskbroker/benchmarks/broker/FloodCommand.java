package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast workers get through a stored backlog while as much again arrives. */
@Command(
    name = "flood",
    description = {
      "How fast 64 workers over 4 connections get through a stored backlog of 50,000 tasks of 1 KB"
          + " while 50,000 more arrive: tasks a second of both together, from the workers' start to"
          + " the last task's end. Takes some minute.",
      "flood.cold.* is right after the start, and its rate must be at least 20,000 tasks/s (held),"
          + " or else the exit code is 1 (FELL). flood.* is the same once the broker is warm, after"
          + " 300,000 tasks."
    },
    mixinStandardHelpOptions = true)
public final class FloodCommand implements Callable<Integer> {
  private static final int LEAST_RATE = 20_000;
  private static final int WARM_AFTER = 300_000;
  private static final int WORKERS = 64;
  private static final int CONNECTIONS = 4;
  private static final String APPLICATION = "shop";

  @Option(
      names = "--stored",
      paramLabel = "N",
      defaultValue = "50000",
      description =
          "Tasks of the stored backlog, and of what arrives meanwhile; ${DEFAULT-VALUE} by"
              + " default.")
  private int stored;

  @Mixin private ReplacedBroker replaced = new ReplacedBroker();

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() throws InterruptedException {
    var figures = new Figures(System.out);
    var verdicts = new Verdicts(figures);
    try (var broker =
        replaced.start(options, figures, UnaryOperator.identity(), Predecessor::drain)) {
      WorkerSettings pool = broker.workers(WORKERS, CONNECTIONS);
      Drained cold = flood(broker, pool);
      verdicts.atLeast("flood.cold.rate", cold.rate(), LEAST_RATE, "tasks/s");
      cold.addCostTo(figures, "flood.cold");
      broker.drain(pool, broker.fill(APPLICATION, Math.max(1, WARM_AFTER - 2 * stored)));
      flood(broker, pool).addTo(figures, "flood");
    }
    figures.print();
    return verdicts.fallen() == 0 ? 0 : 1;
  }

  private Drained flood(BrokerUnderTest broker, WorkerSettings pool) {
    Ledger ledger = broker.fill(APPLICATION, stored);
    try (var producer = broker.producer(APPLICATION, ledger)) {
      return broker.drain(
          pool,
          ledger,
          () -> {
            producer.produce(BrokerUnderTest.TASK, stored);
            producer.flush();
          });
    }
  }
}
