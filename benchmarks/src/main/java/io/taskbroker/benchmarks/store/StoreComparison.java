package io.taskbroker.benchmarks.store;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.TemporaryFolder;
import io.taskbroker.benchmarks.store.Stored.Which;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures our store and the baseline in turns, so that whatever else the machine does meanwhile
 * strikes both.
 */
final class StoreComparison {
  private final Thoroughness thoroughness;
  private final Figures figures;
  private final Map<Case, List<Pair>> measured = new LinkedHashMap<>();

  /** Rows a second, one measured right after the other. */
  private record Pair(double baseline, double ours) {
    double ratio() {
      return ours / baseline;
    }
  }

  StoreComparison(Thoroughness thoroughness, Figures figures) {
    this.thoroughness = thoroughness;
    this.figures = figures;
  }

  void run() throws RunnerException {
    describe();
    for (Case each : thoroughness.cases()) {
      measure(each);
    }
    for (int round = 2; round <= thoroughness.rounds; round++) {
      measure(Case.USUAL);
    }
    measured.forEach(this::report);
  }

  private void describe() {
    try (var folder = TemporaryFolder.create()) {
      for (Which which : Which.values()) {
        try (StoreUnderTest store = Stored.open(which, folder)) {
          figures.remark(which + ": " + store.settings());
        }
      }
      figures.remark(
          "Files in "
              + folder.path().getParent()
              + "; callers of both are chains of calls, each begun in the completion of the one"
              + " before; batches of "
              + Stored.BATCH
              + " rows");
    }
  }

  private void measure(Case conditions) throws RunnerException {
    Pair pair = new Pair(rate(conditions, Which.BASELINE), rate(conditions, Which.OURS));
    measured.computeIfAbsent(conditions, _ -> new ArrayList<>()).add(pair);
    figures.remark(
        String.format(
            "%s, %,d bytes, backlog %,d, callers %d: baseline %,.0f/s, ours %,.0f/s, %.1f x",
            conditions.benchmark(),
            conditions.payload(),
            conditions.backlog(),
            conditions.callers(),
            pair.baseline,
            pair.ours,
            pair.ratio()));
  }

  private double rate(Case conditions, Which which) throws RunnerException {
    Options options =
        thoroughness
            .options()
            .include(StoreBenchmarks.class.getName() + "\\." + conditions.benchmark() + "$")
            .param("payload", Integer.toString(conditions.payload()))
            .param("backlog", Integer.toString(conditions.backlog()))
            .param("callers", Integer.toString(conditions.callers()))
            .param("which", which.name())
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT)
            .build();
    return new Runner(options).runSingle().getPrimaryResult().getScore();
  }

  private void report(Case conditions, List<Pair> pairs) {
    String name = conditions.figure();
    figures.add(name + ".rate", median(pairs.stream().map(Pair::ours).toList()), "rows/s");
    figures.add(
        name + ".baseline.rate", median(pairs.stream().map(Pair::baseline).toList()), "rows/s");
    List<Double> ratios = pairs.stream().map(Pair::ratio).sorted().toList();
    figures.add(name + ".vs_baseline", median(ratios), "x");
    if (ratios.size() > 1) {
      figures.add(name + ".vs_baseline.least", ratios.getFirst(), "x");
      figures.add(name + ".vs_baseline.most", ratios.getLast(), "x");
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().toList().get(values.size() / 2);
  }
}
