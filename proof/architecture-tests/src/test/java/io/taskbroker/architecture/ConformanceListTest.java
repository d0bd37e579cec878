package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each item of the lists of conformance is shown by a test that names it, or said not to hold. */
class ConformanceListTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Pattern NAME = Pattern.compile("@DisplayName\\(\\s*\"([^\":]+)");
  private static final Pattern ITEM = Pattern.compile("19\\.\\d+|8\\.1 [A-Za-z0-9 ]+");
  private static final Pattern ROW =
      Pattern.compile(
          "^\\| ((?:19\\.\\d+|8\\.1 [^|,]+)(?:, 19\\.\\d+)?) \\|.*\\| (=|≠|–) \\| (.*) \\|$");
  private static final Pattern TEST_CLASS = Pattern.compile("`(\\w+(?:Test|Contract))`");

  private static final int BROKER_ITEMS = 37;

  /** Of rows that any broker may take, in a store that is shared through Postgres. */
  private static final Set<String> CANNOT_HOLD = Set.of("19.20", "19.21");

  /**
   * @param shownBy the classes of tests that the row names
   */
  private record Row(String mark, Set<String> shownBy) {}

  private final Map<String, Set<String>> namedByClass = namesOfTests();
  private final Set<String> named =
      namedByClass.values().stream().flatMap(Set::stream).collect(Collectors.toSet());
  private final Map<String, Row> listed = rowsOfTheDocument();

  @Test
  void everyItemOfTheBrokersList_isShownByATest() {
    List<String> shown =
        IntStream.rangeClosed(1, BROKER_ITEMS)
            .mapToObj(item -> "19." + item)
            .filter(item -> !CANNOT_HOLD.contains(item))
            .toList();

    assertThat(named).containsAll(shown);
  }

  @Test
  void everyRowOfTheDocument_hasATest_orSaysThatItCannot() {
    assertThat(listed).hasSizeGreaterThanOrEqualTo(BROKER_ITEMS);
    listed.forEach(
        (item, row) -> {
          if (row.mark().equals("–")) {
            assertThat(CANNOT_HOLD).contains(item);
          } else {
            assertThat(named).as("names of tests").contains(item);
          }
        });
  }

  @Test
  void everyTestThatARowNames_namesTheRow() {
    List<String> silent = new ArrayList<>();
    listed.forEach(
        (item, row) -> {
          for (String test : row.shownBy()) {
            if (!namedByClass.getOrDefault(test, Set.of()).contains(item)) {
              silent.add(item + " by " + test);
            }
          }
        });

    assertThat(silent).as("rows of docs/compatibility.md, and tests without their item").isEmpty();
  }

  @Test
  void everyNumberInATestsName_isARowOfTheDocument() {
    assertThat(listed.keySet()).containsAll(named);
  }

  /** The items that the tests of a class name, by its name. */
  private static Map<String, Set<String>> namesOfTests() {
    Map<String, Set<String>> names = new TreeMap<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("/target/"))
          .forEach(
              file ->
                  names
                      .computeIfAbsent(
                          file.getFileName().toString().replace(".java", ""), _ -> new TreeSet<>())
                      .addAll(items(read(file))));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  private static Set<String> items(String source) {
    return NAME.matcher(source)
        .results()
        .flatMap(name -> ITEM.matcher(name.group(1)).results())
        .map(MatchResult::group)
        .collect(Collectors.toSet());
  }

  private static Map<String, Row> rowsOfTheDocument() {
    Map<String, Row> rows = new TreeMap<>();
    for (String line : read(ROOT.resolve("docs/compatibility.md")).lines().toList()) {
      ROW.matcher(line)
          .results()
          .forEach(
              row -> {
                for (String item : row.group(1).split(", ", -1)) {
                  rows.put(item, new Row(row.group(2), testsIn(row.group(3))));
                }
              });
    }
    return rows;
  }

  private static Set<String> testsIn(String cell) {
    return TEST_CLASS
        .matcher(cell)
        .results()
        .map(test -> test.group(1))
        .collect(Collectors.toSet());
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
