package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.JvmMemory;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** How much memory the broker takes. */
@Command(
    name = "memory",
    description = {
      "How much of the packaged broker is resident, at most: in drains of 50,000 and 250,000 tasks"
          + " of 1 KB by 64 workers (at most 350 MB), at 500 tasks/s with 16 workers that wait (at"
          + " most 220 MB), and with 180,000 stored rows. All of these with the heap that the JVM"
          + " takes by default. Then with 1,000,000 rows and the heap of --heap. Takes three"
          + " minutes.",
      "Each is a broker of its own. A bound that is missed (FELL) makes the exit code 1.",
      "'./taskbroker prove memory' holds the broker to what a container of 512 MB has room for."
    },
    mixinStandardHelpOptions = true)
public final class MemoryCommand implements Callable<Integer> {
  private static final int MOST_IN_DRAIN_MB = 350;
  private static final int MOST_AT_500_MB = 220;
  private static final double MEGA = 1e6;
  private static final String TOPIC = "taskworker";
  private static final int FIRST = 50_000;
  private static final int NEXT = 250_000;
  private static final int RATE = 500;
  private static final Duration STEADY = Duration.ofSeconds(30);
  private static final Duration BESIDE_ROWS = Duration.ofSeconds(10);
  private static final Duration WAIT = Duration.ofSeconds(5);

  /** Has no tasks among the stored rows. */
  private static final String APPLICATION = "shop";

  @Mixin private BrokerOptions options = new BrokerOptions();

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    var verdicts = new Verdicts(figures);
    BrokerOptions byDefault = options.withHeap(null);
    drain(byDefault, figures, verdicts);
    steady(byDefault, figures, verdicts);
    long empty = rows(byDefault, 0, "memory.empty", figures);
    perRow(empty, rows(byDefault, 180_000, "memory.180k", figures), 180_000, figures);
    rows(options, 1_000_000, "memory.1m", figures);
    figures.print();
    return verdicts.fallen() == 0 ? 0 : 1;
  }

  private static void drain(BrokerOptions how, Figures figures, Verdicts verdicts) {
    try (var broker = BrokerUnderTest.start(how, figures)) {
      WorkerSettings pool = broker.workers(64, 4);
      Ledger first = broker.fill(APPLICATION, FIRST);
      double cold = most(broker, () -> broker.drain(pool, first));
      verdicts.atMost("memory.drain.first_50k", cold, MOST_IN_DRAIN_MB, "MB");
      Ledger next = broker.fill(APPLICATION, NEXT);
      double warm = most(broker, () -> broker.drain(pool, next));
      verdicts.atMost("memory.drain.next_250k", warm, MOST_IN_DRAIN_MB, "MB");
    }
  }

  private static void steady(BrokerOptions how, Figures figures, Verdicts verdicts) {
    try (var broker = BrokerUnderTest.start(how, figures)) {
      WorkerSettings pool = broker.workers(16, 4).waiting(WAIT);
      double most = most(broker, () -> SteadyFlow.of(broker, pool, RATE, STEADY));
      verdicts.atMost("memory.at_500", most, MOST_AT_500_MB, "MB");
    }
  }

  /**
   * What is resident with rows that are in the store before the broker starts, and then while new
   * tasks come and are done.
   *
   * @return bytes of the heap that live after all
   */
  private static long rows(BrokerOptions how, int rows, String name, Figures figures) {
    UnaryOperator<BrokerSetup> prepare =
        settings -> {
          if (rows > 0) {
            Hoard.fill(settings.store(), TOPIC, rows);
          }
          return settings;
        };
    try (var broker = BrokerUnderTest.start(how, figures, prepare)) {
      figures.add(name + ".serving", resident(broker) / MEGA, "MB");
      WorkerSettings pool = broker.workers(16, 4).of(APPLICATION).waiting(WAIT);
      double most = most(broker, () -> SteadyFlow.of(broker, pool, RATE, BESIDE_ROWS));
      figures.add(name + ".at_500", most, "MB");
      long live = JvmMemory.liveHeapBytes(broker.process());
      figures.add(name + ".live_heap", live / MEGA, "MB");
      return live;
    }
  }

  private static void perRow(long empty, long full, int rows, Figures figures) {
    figures.add("memory.row", (full - empty) / (double) rows, "bytes_of_heap");
  }

  /** The most that is resident while something runs, in MB. */
  private static double most(BrokerUnderTest broker, Runnable what) {
    try (var most = Largest.of(() -> resident(broker))) {
      what.run();
      return most.value() / MEGA;
    }
  }

  private static long resident(BrokerUnderTest broker) {
    return JvmMemory.residentBytes(broker.process());
  }
}
