package io.taskbroker.benchmarks.command;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.benchmarks.command.Outcome.Figure;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.DoubleStream;

/**
 * One benchmark's figures of two brokers that were measured by turns.
 *
 * @param ours of each round
 * @param theirs of each round
 */
record Comparison(List<Outcome> ours, List<Outcome> theirs) {
  private static final List<String> TITLES =
      List.of(
          "figure", "unit", "min", "median", "max", "other min", "median", "max", "ratio", "pairs");

  private static final String NONE = "–";

  static Comparison of(List<Outcome> ours, List<Outcome> theirs) {
    return new Comparison(List.copyOf(ours), List.copyOf(theirs));
  }

  /**
   * All figures, as Markdown. The ratio is that of the medians, ours by theirs; the pairs are the
   * ratios of the single rounds.
   */
  String table() {
    List<List<String>> rows = new ArrayList<>();
    for (String name : names()) {
      rows.add(row(name));
    }
    addFailures(rows, "exit_code", ours);
    addFailures(rows, "exit_code_of_the_other", theirs);
    return Columns.of(TITLES, rows);
  }

  private Set<String> names() {
    Set<String> names = new LinkedHashSet<>();
    for (Outcome outcome : ours) {
      outcome.figures().forEach(figure -> names.add(figure.name()));
    }
    for (Outcome outcome : theirs) {
      outcome.figures().forEach(figure -> names.add(figure.name()));
    }
    return names;
  }

  private List<String> row(String name) {
    List<String> row = new ArrayList<>();
    row.add(name);
    row.add(unit(name));
    double[] here = values(ours, name);
    double[] there = values(theirs, name);
    addThree(row, here);
    addThree(row, there);
    if (here.length == 0 || there.length == 0) {
      row.add(NONE);
      row.add(NONE);
    } else {
      row.add(ratio(median(here), median(there)));
      row.add(pairs(name));
    }
    return row;
  }

  /** Without the bound, which holds for ours alone. */
  private String unit(String name) {
    for (List<Outcome> side : List.of(ours, theirs)) {
      for (Outcome outcome : side) {
        for (Figure figure : outcome.figures()) {
          if (figure.name().equals(name)) {
            return figure.unit().replaceFirst(",at_(least|most)_.*", "");
          }
        }
      }
    }
    return NONE;
  }

  private static double[] values(List<Outcome> outcomes, String name) {
    return outcomes.stream().flatMapToDouble(outcome -> values(outcome, name)).toArray();
  }

  private static DoubleStream values(Outcome outcome, String name) {
    return outcome.figures().stream()
        .filter(figure -> figure.name().equals(name))
        .mapToDouble(figure -> Double.parseDouble(figure.value()));
  }

  private static void addThree(List<String> row, double[] values) {
    if (values.length == 0) {
      row.addAll(List.of(NONE, NONE, NONE));
      return;
    }
    row.add(Figures.rounded(DoubleStream.of(values).min().orElseThrow()));
    row.add(Figures.rounded(median(values)));
    row.add(Figures.rounded(DoubleStream.of(values).max().orElseThrow()));
  }

  private static double median(double[] values) {
    return Verdicts.median(DoubleStream.of(values));
  }

  private String pairs(String name) {
    List<String> pairs = new ArrayList<>();
    for (int round = 0; round < Math.min(ours.size(), theirs.size()); round++) {
      double[] here = values(ours.get(round), name).toArray();
      double[] there = values(theirs.get(round), name).toArray();
      pairs.add(here.length == 1 && there.length == 1 ? ratio(here[0], there[0]) : NONE);
    }
    return String.join(" ", pairs);
  }

  private static String ratio(double here, double there) {
    return there == 0 ? NONE : Figures.rounded(here / there);
  }

  private static void addFailures(List<List<String>> rows, String name, List<Outcome> outcomes) {
    for (Outcome outcome : outcomes) {
      if (!outcome.isGood()) {
        List<String> row =
            new ArrayList<>(List.of(name, "FAILED", Integer.toString(outcome.exit())));
        while (row.size() < TITLES.size()) {
          row.add("");
        }
        rows.add(row);
      }
    }
  }
}
