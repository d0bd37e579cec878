package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.workload.process.BrokerSetup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/** Whether a benchmark is run beside onlookers, too. */
final class WatchedOptions {
  @Option(
      names = "--watched",
      description = {
        "Runs in alternation beside nobody, and beside ten open dashboards and ten listings a"
            + " second, and compares."
      })
  boolean watched;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "With --watched: how often each way; ${DEFAULT-VALUE} by default.")
  int rounds;

  /** The broker has an admin API if somebody looks at it. */
  UnaryOperator<BrokerSetup> settings() {
    return watched ? BrokerUnderTest::withAdmin : UnaryOperator.identity();
  }

  /**
   * Runs the same both ways, now the one first and now the other.
   *
   * @param figures is told what the onlookers saw
   */
  <T> Compared<T> compare(BrokerUnderTest broker, Figures figures, Supplier<T> run) {
    List<T> alone = new ArrayList<>();
    List<T> beside = new ArrayList<>();
    var _ = beside(broker, figures, run); // so that both JVMs know the calls
    for (int i = 0; i < rounds; i++) {
      boolean isWatchedFirst = i % 2 == 1;
      if (!isWatchedFirst) {
        alone.add(run.get());
      }
      beside.add(beside(broker, figures, run));
      if (isWatchedFirst) {
        alone.add(run.get());
      }
    }
    return new Compared<>(alone, beside);
  }

  private static <T> T beside(BrokerUnderTest broker, Figures figures, Supplier<T> run) {
    try (var onlookers = Onlookers.at(broker.admin())) {
      long start = System.nanoTime();
      T result = run.get();
      figures.remark("onlookers: " + onlookers.seen(Duration.ofNanos(System.nanoTime() - start)));
      return result;
    }
  }
}
