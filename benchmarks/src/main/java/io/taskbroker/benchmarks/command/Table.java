package io.taskbroker.benchmarks.command;

import java.util.ArrayList;
import java.util.List;

/** All figures of many benchmarks, as Markdown. */
final class Table {
  private Table() {}

  static String of(List<Outcome> outcomes) {
    List<List<String>> rows = new ArrayList<>();
    for (Outcome outcome : outcomes) {
      outcome
          .figures()
          .forEach(
              figure ->
                  rows.add(List.of(outcome.name(), figure.name(), figure.value(), figure.unit())));
      if (!outcome.isGood()) {
        rows.add(List.of(outcome.name(), "exit_code", Integer.toString(outcome.exit()), "FAILED"));
      }
    }
    return Columns.of(List.of("benchmark", "figure", "value", "unit"), rows);
  }
}
