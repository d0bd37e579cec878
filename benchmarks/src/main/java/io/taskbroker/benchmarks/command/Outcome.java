package io.taskbroker.benchmarks.command;

import java.util.List;
import java.util.regex.Pattern;

/**
 * What one benchmark has said.
 *
 * @param name its command line
 * @param exit its exit code
 * @param figures lines of the form {@code name value unit}
 */
record Outcome(String name, int exit, List<Figure> figures) {
  /** Such as {@code drain.rate 31000 tasks/s}; remarks have other forms. */
  private static final Pattern FIGURE =
      Pattern.compile("([a-z][\\w.%-]*\\.[\\w.%-]+) (-?\\d+(?:\\.\\d+)?|NaN) (\\S+)");

  record Figure(String name, String value, String unit) {
    boolean isFallen() {
      return unit.endsWith(":FELL");
    }
  }

  static Outcome of(String name, int exit, List<String> lines) {
    return new Outcome(
        name,
        exit,
        lines.stream()
            .map(FIGURE::matcher)
            .filter(line -> line.matches())
            .map(line -> new Figure(line.group(1), line.group(2), line.group(3)))
            .toList());
  }

  boolean isGood() {
    return exit == 0;
  }
}
