package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * The same run beside nobody and beside onlookers, in pairs that followed each other.
 *
 * @param alone beside nobody
 * @param watched as many, beside onlookers
 */
record Compared<T>(List<T> alone, List<T> watched) {
  /** What a larger figure means. */
  enum Larger {
    BETTER,
    WORSE
  }

  /**
   * Adds the medians of both, and that of the ratios of each pair: below 1 where onlookers make it
   * worse. The ratios of the single pairs are a remark.
   *
   * @param name as {@code drain.rate}
   */
  void addTo(Figures figures, String name, String unit, Larger larger, ToDoubleFunction<T> of) {
    double[] ratios =
        IntStream.range(0, alone.size())
            .mapToDouble(
                i -> {
                  double ratio = of.applyAsDouble(watched.get(i)) / of.applyAsDouble(alone.get(i));
                  return larger == Larger.BETTER ? ratio : 1 / ratio;
                })
            .toArray();
    figures.add(name + ".alone", Verdicts.median(alone.stream().mapToDouble(of)), unit);
    figures.add(name + ".watched", Verdicts.median(watched.stream().mapToDouble(of)), unit);
    figures.add(name + ".ratio", Verdicts.median(DoubleStream.of(ratios)), "of_1");
    figures.remark(
        name
            + ": ratio of each pair "
            + DoubleStream.of(ratios).mapToObj(Figures::rounded).collect(Collectors.joining(" ")));
  }
}
