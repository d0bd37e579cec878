package io.taskbroker.benchmarks.postgres;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Two ways that are measured in turns, so that whatever else the machine does strikes both.
 *
 * @param names of both, for people
 */
record Pairs(String names, List<Pace> one, List<Pace> other) {
  Pairs(String names) {
    this(names, new ArrayList<>(), new ArrayList<>());
  }

  /** Adds what was measured right after each other, and says it. */
  void add(Figures figures, Pace first, Pace second) {
    one.add(first);
    other.add(second);
    figures.remark(names + ": " + first + "; " + second);
  }

  /** The median of what the other way has for each that the one way has. */
  double ratio(ToDoubleFunction<Pace> of) {
    return Verdicts.median(
        IntStream.range(0, one.size())
            .mapToDouble(i -> of.applyAsDouble(other.get(i)) / of.applyAsDouble(one.get(i))));
  }

  /** What a task cost the server at most in any measurement, for what it cost at least. */
  double spread() {
    DoubleSummaryStatistics micros =
        Stream.concat(one.stream(), other.stream())
            .mapToDouble(Pace::cpuMicros)
            .summaryStatistics();
    return micros.getMax() / micros.getMin();
  }

  /** The pairs that were measured first; all, if there are not so many. */
  Pairs first(int count) {
    int to = Math.min(one.size(), count);
    return new Pairs(names, one.subList(0, to), other.subList(0, to));
  }

  /** The pairs that were measured last; all, if there are not so many. */
  Pairs last(int count) {
    int from = Math.max(0, one.size() - count);
    return new Pairs(names, one.subList(from, one.size()), other.subList(from, other.size()));
  }
}
