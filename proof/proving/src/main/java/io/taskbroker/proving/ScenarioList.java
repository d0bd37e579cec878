package io.taskbroker.proving;

import io.taskbroker.proving.stage.Scenario;
import java.util.ArrayList;
import java.util.List;

/** What {@code prove --help} says of the scenarios. */
final class ScenarioList {
  private static final String NAME = "%-12s";
  private static final int WIDTH = 100;
  private static final String INDENT = "    ";

  private ScenarioList() {}

  /** By family; those of the short list have a star. */
  static String[] lines() {
    List<String> lines = new ArrayList<>();
    lines.add("");
    lines.add("Scenarios; each family is a package in proof/proving:");
    for (Family family : Scenarios.FAMILIES) {
      lines.add("  " + family.name() + ": " + family.matter());
      family.scenarios().forEach(scenario -> lines.addAll(linesOf(scenario)));
    }
    lines.add("");
    lines.add(
        "Ends with what held, fell and was skipped. What was skipped, even in part, does not");
    lines.add("count as held. Exits 0 if nothing fell, 1 if something did.");
    return lines.toArray(String[]::new);
  }

  private static List<String> linesOf(Scenario scenario) {
    String star = Scenarios.isInShortList(scenario) ? "*" : "";
    List<String> lines = new ArrayList<>();
    String line = INDENT + NAME.formatted(scenario.name() + star);
    for (String word : scenario.promise().split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH) {
        lines.add(line);
        line = INDENT + NAME.formatted("");
      }
      line += " " + word;
    }
    lines.add(line);
    return lines;
  }
}
