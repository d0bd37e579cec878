package io.taskbroker.benchmarks.stall;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import java.util.concurrent.Callable;
import org.HdrHistogram.Histogram;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** An empty GetTask beside everything that takes many rows or many bytes at once. */
@Command(
    name = "stall",
    description =
        "How long an empty GetTask waits for the store, by itself and beside its heaviest work:"
            + " expired rows, delays that come due, a batch of reports, a change of rules, readers"
            + " of large payloads.",
    mixinStandardHelpOptions = true)
public final class StallCommand implements Callable<Integer> {
  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "500000",
      description = "Rows that the work is about; ${DEFAULT-VALUE} by default.")
  private int rows;

  @Option(
      names = "--reports",
      paramLabel = "N",
      defaultValue = "90000",
      description = "Reports of one batch; ${DEFAULT-VALUE} by default.")
  private int reports;

  @Override
  public Integer call() {
    var figures = new Figures(System.out);
    var amounts = new Burden.Amounts(rows, reports);
    for (Burden burden : Burden.values()) {
      try (var folder = TemporaryFolder.create();
          var store = BurdenedStore.open(folder.resolve("store.sqlite"))) {
        burden.prepare(store, amounts);
        Probe probe = Probe.start(store);
        burden.play(store, amounts);
        report(figures, burden.text(), probe.end(), store.largestLog());
      }
    }
    figures.print();
    return 0;
  }

  private static void report(Figures figures, String name, Histogram waits, long largestLog) {
    figures.add("stall." + name + ".p50", waits.getValueAtPercentile(50) / 1e3, "ms");
    figures.add("stall." + name + ".p99", waits.getValueAtPercentile(99) / 1e3, "ms");
    figures.add("stall." + name + ".max", waits.getMaxValue() / 1e3, "ms");
    figures.add("stall." + name + ".calls", (double) waits.getTotalCount(), "calls");
    figures.add("stall." + name + ".wal", largestLog / 1e6, "MB");
  }
}
