package io.taskbroker.adapters.metrics;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The table of the documents. */
final class MetricsTable {
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| ([cgh]) \\| ([^|]+) \\| ([a-z]+) \\| (.+) \\|");

  private MetricsTable() {}

  /**
   * @param tags sorted
   */
  record Row(String name, String type, List<String> tags, String when, String meaning) {}

  static List<Row> rows() {
    try {
      return Files.readAllLines(Path.of("../docs/metrics.md")).stream()
          .filter(line -> line.startsWith("| `"))
          .map(MetricsTable::row)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Compares what was told with the table, but for rows that never come up. A difference is told as
   * what is missing on either side, and nothing else.
   */
  static void compare(Set<String> told, Function<Row, String> signature) {
    Set<String> documented = documented(signature);
    Set<String> unknown = new TreeSet<>(told);
    unknown.removeAll(documented);
    Set<String> silent = new TreeSet<>(documented);
    silent.removeAll(told);
    if (!unknown.isEmpty() || !silent.isEmpty()) {
      throw new AssertionError(
          "docs/metrics.md and what is told differ.%nTold, and in no row: %s%nIn a row, and not told: %s"
              .formatted(unknown, silent));
    }
  }

  /** Of the rows that come up. */
  static Set<String> documented(Function<Row, String> signature) {
    Set<String> documented = new TreeSet<>();
    rows().stream()
        .filter(row -> !row.when().equals("never"))
        .map(signature)
        .forEach(documented::add);
    return documented;
  }

  private static Row row(String line) {
    Matcher matcher = ROW.matcher(line);
    if (!matcher.matches()) {
      throw new AssertionError("not a row: " + line);
    }
    List<String> tags =
        matcher.group(3).equals("–")
            ? List.of()
            : Stream.of(matcher.group(3).split(", ", -1)).sorted().toList();
    return new Row(matcher.group(1), matcher.group(2), tags, matcher.group(4), matcher.group(5));
  }

  static String signature(String name, String type, List<String> tags) {
    return name + " " + type + " " + Arrays.toString(tags.toArray());
  }
}
