package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.broker.Compared.Larger;
import io.taskbroker.workload.load.WorkerSettings;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How fast workers get through a stored backlog. */
@Command(
    name = "drain",
    description = {
      "How fast 64 workers over 4 connections get through a stored backlog of tasks of 1 KB, each"
          + " reporting in the call that brings the next one.",
      "A first backlog, of 50,000, warms the broker up; its figures are called drain.cold.*."
    },
    mixinStandardHelpOptions = true)
public final class DrainCommand implements Callable<Integer> {
  private static final int WARMUP = 50_000;
  private static final int WORKERS = 64;
  private static final int CONNECTIONS = 4;
  private static final String APPLICATION = "shop";

  @Option(
      names = "--stored",
      paramLabel = "N",
      description =
          "Tasks of the measured backlog; by default 50,000, and with --watched 300,000: onlookers"
              + " ask every few seconds.")
  private @Nullable Integer stored;

  @Mixin private WatchedOptions watched = new WatchedOptions();

  @Mixin private ReplacedBroker replaced = new ReplacedBroker();

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() throws InterruptedException {
    var figures = new Figures(System.out);
    try (var broker = replaced.start(options, figures, watched.settings(), Predecessor::drain)) {
      WorkerSettings pool = broker.workers(WORKERS, CONNECTIONS);
      broker.drain(pool, broker.fill(APPLICATION, WARMUP)).addTo(figures, "drain.cold");
      if (watched.watched) {
        compare(broker, pool, figures);
      } else {
        broker.drain(pool, broker.fill(APPLICATION, storedOr(50_000))).addTo(figures, "drain");
      }
    }
    figures.print();
    return 0;
  }

  private int storedOr(int usual) {
    return stored == null ? usual : stored;
  }

  private void compare(BrokerUnderTest broker, WorkerSettings pool, Figures figures) {
    Compared<Drained> compared =
        watched.compare(
            broker, figures, () -> broker.drain(pool, broker.fill(APPLICATION, storedOr(300_000))));
    compared.addTo(figures, "drain.rate", "tasks/s", Larger.BETTER, Drained::rate);
    compared.addTo(figures, "drain.cpu", "us_of_broker_cpu/task", Larger.WORSE, Drained::cpuMicros);
    compared.addTo(figures, "drain.rpc.p99", "ms", Larger.WORSE, Drained::p99Millis);
  }
}
