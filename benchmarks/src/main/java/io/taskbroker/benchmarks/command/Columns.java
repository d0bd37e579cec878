package io.taskbroker.benchmarks.command;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Rows in columns, as Markdown. */
final class Columns {
  private Columns() {}

  static String of(List<String> titles, List<List<String>> rows) {
    List<List<String>> all = new ArrayList<>();
    all.add(titles);
    all.addAll(rows);
    int[] widths =
        IntStream.range(0, titles.size())
            .map(column -> all.stream().mapToInt(row -> row.get(column).length()).max().orElse(0))
            .toArray();
    List<String> lines = new ArrayList<>(all.stream().map(row -> line(row, widths)).toList());
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
