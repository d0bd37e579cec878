package io.taskbroker.proving.python;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The families that Prometheus' own library found on a page, beside those that are documented. */
public final class MetricFamilies {
  /** A row of the document: name, type, tags, when it comes up. */
  private static final Pattern ROW =
      Pattern.compile("\\| `([^`]+)` \\| ([cgh]) \\| [^|]+ \\| ([a-z]+) \\| .+");

  /** The name and type of each, and the sum of its counters or counts. */
  private final Map<String, Double> families = new TreeMap<>();

  private final List<Row> rows;

  private record Row(String family, String when) {}

  /**
   * @param output of {@code read_metrics.py}
   * @param document lines of {@code metrics.md}
   */
  public MetricFamilies(List<String> output, List<String> document) {
    for (String line : output) {
      String[] words = line.split(" ", -1);
      families.put(words[0] + " " + words[1], Double.valueOf(words[2]));
    }
    this.rows =
        document.stream()
            .map(ROW::matcher)
            .filter(Matcher::matches)
            .map(row -> new Row(family(row.group(1), row.group(2)), row.group(3)))
            .toList();
  }

  private static String family(String name, String type) {
    String kind =
        switch (type) {
          case "c" -> "counter";
          case "g" -> "gauge";
          default -> "histogram";
        };
    return "taskbroker_" + name.replaceAll("[^A-Za-z0-9_]", "_") + " " + kind;
  }

  public int size() {
    return families.size();
  }

  /**
   * The sum over all tags of a counter.
   *
   * @param name as in the document
   * @return 0 if it is not on the page
   */
  public long counted(String name) {
    return Math.round(families.getOrDefault(family(name, "c"), 0.0));
  }

  /** Documented for these occasions, and not on the page. */
  public List<String> missing(Set<String> occasions) {
    return rows.stream()
        .filter(row -> occasions.contains(row.when()) && !families.containsKey(row.family()))
        .map(row -> row.family() + " is documented and missing")
        .toList();
  }

  /** On the page, and documented for no occasion. */
  public List<String> undocumented() {
    Set<String> known =
        rows.stream()
            .filter(row -> !row.when().equals("never"))
            .map(Row::family)
            .collect(Collectors.toSet());
    return families.keySet().stream()
        .filter(family -> !known.contains(family))
        .map(family -> family + " is not documented")
        .toList();
  }
}
