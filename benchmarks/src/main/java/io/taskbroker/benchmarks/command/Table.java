package io.taskbroker.benchmarks.command;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** All figures of many benchmarks, in columns, as Markdown. */
final class Table {
  private static final List<String> TITLES = List.of("benchmark", "figure", "value", "unit");

  private final List<List<String>> rows = new ArrayList<>();

  private Table() {
    rows.add(TITLES);
  }

  static String of(List<Outcome> outcomes) {
    var table = new Table();
    outcomes.forEach(table::add);
    return table.text();
  }

  private void add(Outcome outcome) {
    outcome
        .figures()
        .forEach(
            figure ->
                rows.add(List.of(outcome.name(), figure.name(), figure.value(), figure.unit())));
    if (!outcome.isGood()) {
      rows.add(List.of(outcome.name(), "exit_code", Integer.toString(outcome.exit()), "FAILED"));
    }
  }

  private String text() {
    int[] widths =
        IntStream.range(0, TITLES.size())
            .map(column -> rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    List<String> lines = new ArrayList<>(rows.stream().map(row -> line(row, widths)).toList());
    lines.add(
        1,
        IntStream.of(widths).mapToObj("-"::repeat).collect(Collectors.joining(" | ", "| ", " |")));
    return String.join("\n", lines);
  }

  private static String line(List<String> row, int[] widths) {
    return IntStream.range(0, widths.length)
        .mapToObj(column -> row.get(column) + " ".repeat(widths[column] - row.get(column).length()))
        .collect(Collectors.joining(" | ", "| ", " |"));
  }
}
