package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each row of docs/guarantees.md names tests and scenarios that there are. */
class GuaranteesTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** Fault, promise, bound, evidence. */
  private static final Pattern ROW =
      Pattern.compile("(?m)^\\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\| ([^|]+) \\|$");

  private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)#(\\w+)`");
  private static final Pattern SCENARIO = Pattern.compile("`prove (\\w+)`");

  @Test
  void whatShowsAPromise_isThere() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/guarantees.md"));
    String scenarios = Files.readString(ROOT.resolve("docs/scenarios.md"));
    List<Path> tests = tests();
    List<String> wrong = new ArrayList<>();
    int rows = 0;
    Matcher row = ROW.matcher(page);
    while (row.find()) {
      String fault = row.group(1);
      if (fault.equals("fault") || fault.startsWith("-")) {
        continue;
      }
      rows++;
      wrong.addAll(missing(fault, row.group(4), tests, scenarios));
    }

    assertThat(wrong).isEmpty();
    assertThat(rows).isGreaterThan(25);
  }

  private static List<String> missing(
      String fault, String evidence, List<Path> tests, String scenarios) throws IOException {
    List<String> wrong = new ArrayList<>();
    int found = 0;
    Matcher test = TEST.matcher(evidence);
    while (test.find()) {
      found++;
      if (!has(tests, test.group(1), test.group(2))) {
        wrong.add(fault + ": no test " + test.group());
      }
    }
    Matcher scenario = SCENARIO.matcher(evidence);
    while (scenario.find()) {
      found++;
      if (!scenarios.contains("| [" + scenario.group(1) + "](")) {
        wrong.add(fault + ": no scenario " + scenario.group());
      }
    }
    if (found == 0) {
      wrong.add(fault + ": nothing shows it");
    }
    return wrong;
  }

  private static boolean has(List<Path> tests, String type, String method) throws IOException {
    for (Path test : tests) {
      if (test.endsWith(type + ".java") && Files.readString(test).contains(" " + method + "(")) {
        return true;
      }
    }
    return false;
  }

  /** Of the modules' sources only: what is being built beside us comes and goes. */
  private static List<Path> tests() throws IOException {
    List<Path> tests = new ArrayList<>();
    Matcher module = MODULE.matcher(Files.readString(ROOT.resolve("pom.xml")));
    while (module.find()) {
      Path sources = ROOT.resolve(module.group(1)).resolve("src/test/java");
      if (Files.isDirectory(sources)) {
        try (Stream<Path> files = Files.walk(sources)) {
          files.filter(file -> file.toString().endsWith("Test.java")).forEach(tests::add);
        }
      }
    }
    return tests;
  }

  /** The README promises five things, and this page has a part for each. */
  @Test
  void eachPromiseOfTheReadme_leadsToItsPart() throws IOException {
    String readme = Files.readString(ROOT.resolve("README.md"));
    String page = Files.readString(ROOT.resolve("docs/guarantees.md"));
    List<String> anchors =
        Pattern.compile("\\(docs/guarantees\\.md#([^)]+)\\)")
            .matcher(readme)
            .results()
            .map(link -> link.group(1))
            .toList();
    List<String> parts =
        Pattern.compile("(?m)^## (\\d.*)$")
            .matcher(page)
            .results()
            .map(part -> part.group(1).toLowerCase(Locale.ROOT))
            .map(part -> part.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
            .toList();

    assertThat(anchors).hasSize(5).isEqualTo(parts);
  }
}
