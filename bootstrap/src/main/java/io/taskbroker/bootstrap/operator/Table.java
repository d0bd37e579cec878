package io.taskbroker.bootstrap.operator;

import io.taskbroker.settings.reading.OneLine;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Rows with columns as wide as what is in them. What others wrote commands no terminal. */
final class Table {
  private final List<List<String>> rows = new ArrayList<>();
  private boolean areNamed;

  Table(String... titles) {
    rows.add(Arrays.asList(titles));
  }

  /** A null is shown as a dash. */
  Table row(@Nullable Object... cells) {
    rows.add(
        Stream.of(cells)
            .map(cell -> cell == null ? "-" : OneLine.of(String.valueOf(cell)))
            .toList());
    return this;
  }

  /** The same; of a row that names its broker, with that name before all others. */
  Table rowOf(Map<String, Object> answered, @Nullable Object... cells) {
    Object broker = answered.get("broker");
    if (broker == null) {
      return row(cells);
    }
    if (!areNamed) {
      areNamed = true;
      rows.set(0, Stream.concat(Stream.of("broker"), rows.getFirst().stream()).toList());
    }
    return row(Stream.concat(Stream.of(broker), Stream.of(cells)).toArray());
  }

  boolean isEmpty() {
    return rows.size() == 1;
  }

  void print(PrintWriter out) {
    lines().forEach(out::println);
  }

  /** The titles, and a line for each row. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        line.append(row.get(i)).append(" ".repeat(widths[i] - row.get(i).length() + 2));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }
}
