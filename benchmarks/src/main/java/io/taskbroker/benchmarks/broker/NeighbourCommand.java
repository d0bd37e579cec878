package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What one application's backlog costs another. */
@Command(
    name = "neighbour",
    description =
        "How fast workers get through the 20,000 tasks of one application, alone and behind the"
            + " backlog of another one.",
    mixinStandardHelpOptions = true)
public final class NeighbourCommand implements Callable<Integer> {
  private static final int WARMUP = 50_000;
  private static final int TASKS = 20_000;
  private static final int ROUNDS = 3;
  private static final int WORKERS = 64;
  private static final int CONNECTIONS = 4;
  private static final String OURS = "shop";
  private static final String THEIRS = "reports";

  @Option(
      names = "--neighbour",
      paramLabel = "N",
      defaultValue = "200000",
      description = "Tasks of the other application; ${DEFAULT-VALUE} by default.")
  private int neighbour;

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    try (var broker = BrokerUnderTest.start(options, figures)) {
      WorkerSettings ours = broker.workers(WORKERS, CONNECTIONS).of(OURS);
      WorkerSettings theirs = broker.workers(WORKERS, CONNECTIONS).of(THEIRS);
      broker.drain(ours, broker.fill(OURS, WARMUP));
      for (int round = 1; round <= ROUNDS; round++) {
        Drained alone = broker.drain(ours, broker.fill(OURS, TASKS));
        Ledger backlog = broker.fill(THEIRS, neighbour);
        Drained behind = broker.drain(ours, broker.fill(OURS, TASKS));
        broker.drain(theirs, backlog);
        report(figures, round, alone, behind);
      }
    }
    figures.print();
    return 0;
  }

  private static void report(Figures figures, int round, Drained alone, Drained behind) {
    String name = "neighbour.round-" + round;
    figures.add(name + ".alone.rate", alone.rate(), "tasks/s");
    figures.add(name + ".alone.rpc.p99", alone.p99Millis(), "ms");
    figures.add(name + ".behind.rate", behind.rate(), "tasks/s");
    figures.add(name + ".behind.rpc.p99", behind.p99Millis(), "ms");
    figures.add(name + ".behind.vs_alone", behind.rate() / alone.rate(), "x");
  }
}
