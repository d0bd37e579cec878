package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What operators are told to look at, by symptom, is there. */
class SymptomsTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Path COMMANDS = ROOT.resolve("bootstrap/src/main/java");
  private static final String API =
      "adapters-http/src/main/resources/io/taskbroker/adapters/http/admin/openapi.json";

  private static final Pattern SECTION = Pattern.compile("(?s)\n## By symptom\n(.*?)\n## ");
  private static final Pattern LOOK = Pattern.compile("(?m)^\\| (?!look)([^|]+;[^|]+) \\|");
  private static final Pattern COMMAND = Pattern.compile("`taskbroker ([a-z-]+)");
  private static final Pattern CALL = Pattern.compile("`GET (/[a-z0-9/-]+)");
  private static final Pattern METRIC = Pattern.compile("`([a-z]+(?:[._][a-z_]+)*)`");
  private static final Pattern METRIC_ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\| [cgh] \\|");
  private static final Pattern COMMAND_NAME = Pattern.compile("(?m)name = \"([a-z-]+)\"");
  private static final Pattern PATH = Pattern.compile("(?m)^    \"(/[^\"]+)\": ");

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Set<String> all(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map(found -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The places to look at: the first cells of the tables. */
  private static String looks() {
    String section =
        all(SECTION, text(ROOT.resolve("docs/operations.md"))).stream().findFirst().orElseThrow();
    return String.join("\n", all(LOOK, section));
  }

  private static String commands() throws IOException {
    try (Stream<Path> files = Files.walk(COMMANDS)) {
      return files
          .filter(file -> file.toString().endsWith("Command.java"))
          .sorted()
          .map(SymptomsTest::text)
          .collect(Collectors.joining("\n"));
    }
  }

  @Test
  void commandsCallsAndMetrics_areThere() throws IOException {
    String looks = looks();

    assertThat(all(COMMAND, looks)).hasSizeGreaterThan(5).isSubsetOf(all(COMMAND_NAME, commands()));
    assertThat(all(CALL, looks))
        .hasSizeGreaterThan(5)
        .isSubsetOf(all(PATH, text(ROOT.resolve(API))));
    assertThat(all(METRIC, looks))
        .hasSizeGreaterThan(10)
        .isSubsetOf(all(METRIC_ROW, text(ROOT.resolve("docs/metrics.md"))));
  }

  @Test
  void eachPlaceToLookAt_isAPage_ACommand_ACall_AndAMetric() {
    assertThat(looks().lines())
        .allSatisfy(
            look -> {
              assertThat(look.split("; ", -1)).as("page; command; call; metric").hasSize(4);
              assertThat(look).containsPattern(COMMAND).containsPattern(CALL);
            });
  }
}
