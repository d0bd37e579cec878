package io.taskbroker.proving;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.proving.stage.Scenario;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** {@code docs/scenarios.md} says of each scenario what it shows, and how long it takes. */
class ScenariosDocumentTest {
  private static final Path PAGE = Path.of("../../docs/scenarios.md");
  private static final String CODE = "proof/proving/src/main/java/";

  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| \\[(\\w+)]\\([^)]*\\) \\|.*\\| ([^|]+) \\| ([^|]+) \\|$");

  private static final String NOT_PLAYED = "not played yet";
  private static final String NOT_IN_IT = "–";

  /** What was measured: for the whole scenario, and for the short form of it. */
  private record Seconds(String whole, String inShort) {}

  @Test
  void thePageHasEveryScenarioOfTheCode() throws IOException {
    String page = Files.readString(PAGE);
    String tables = tables(measured(page));

    assertThat(page.substring(page.indexOf("## ")))
        .as("the tables of %s; to be replaced by what is expected here", PAGE)
        .isEqualTo(tables);
  }

  @Test
  void onlyTheShortListHasTimesForIt() throws IOException {
    Map<String, Seconds> measured = measured(Files.readString(PAGE));

    assertThat(Scenarios.all())
        .allSatisfy(
            scenario -> {
              Seconds seconds = measured.getOrDefault(scenario.name(), unknown(scenario));
              assertThat(seconds.inShort().equals(NOT_IN_IT))
                  .as(scenario.name())
                  .isEqualTo(!Scenarios.isInShortList(scenario));
            });
  }

  private static Map<String, Seconds> measured(String page) {
    Map<String, Seconds> measured = new HashMap<>();
    for (MatchResult row : ROW.matcher(page).results().toList()) {
      measured.put(row.group(1), new Seconds(row.group(2), row.group(3)));
    }
    return measured;
  }

  private static String tables(Map<String, Seconds> measured) {
    StringBuilder text = new StringBuilder();
    for (Family family : Scenarios.FAMILIES) {
      text.append("## %s: %s\n\n".formatted(family.name(), family.matter()));
      text.append("| scenario | what it shows | seconds | in the short list |\n");
      text.append("| --- | --- | --- | --- |\n");
      for (Scenario scenario : family.scenarios()) {
        text.append(row(scenario, measured.getOrDefault(scenario.name(), unknown(scenario))));
      }
      text.append('\n');
    }
    return text.toString().stripTrailing() + "\n";
  }

  private static Seconds unknown(Scenario scenario) {
    return new Seconds(NOT_PLAYED, Scenarios.isInShortList(scenario) ? NOT_PLAYED : NOT_IN_IT);
  }

  private static String row(Scenario scenario, Seconds seconds) {
    String file = CODE + scenario.getClass().getName().replace('.', '/') + ".java";
    return "| [%s](../%s) | %s | %s | %s |\n"
        .formatted(scenario.name(), file, scenario.promise(), seconds.whole(), seconds.inShort());
  }

  @Test
  void eachFamilyIsAPackageThatHoldsItsScenarios() {
    for (Family family : Scenarios.FAMILIES) {
      assertThat(family.scenarios())
          .isNotEmpty()
          .allMatch(
              scenario ->
                  scenario
                      .getClass()
                      .getPackageName()
                      .equals("io.taskbroker.proving." + family.name()));
    }
  }

  @Test
  void theHelpOfTheCommandNamesEachWithItsPromise() {
    String help = Prove.commandLine().getUsageMessage().replaceAll("\\s+", " ");

    assertThat(Scenarios.all())
        .allSatisfy(
            scenario -> {
              String star = Scenarios.isInShortList(scenario) ? "\\*" : "";
              assertThat(help)
                  .containsPattern(
                      " " + scenario.name() + star + " " + Pattern.quote(scenario.promise()));
            });
  }
}
