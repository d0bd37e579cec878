package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Each item of the lists of conformance is shown by a test that names it, or said not to hold. */
class ConformanceListTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern NAME = Pattern.compile("@DisplayName\\(\\s*\"([^\":]+)");
  private static final Pattern ITEM = Pattern.compile("19\\.\\d+|8\\.1 [A-Za-z0-9 ]+");
  private static final Pattern ROW =
      Pattern.compile("^\\| ((?:19\\.\\d+|8\\.1 [^|,]+)(?:, 19\\.\\d+)?) \\|.*\\| (=|≠|–) \\|");

  private static final int BROKER_ITEMS = 37;

  /** Of a store that is shared through Postgres. */
  private static final Set<String> CANNOT_HOLD = Set.of("19.10", "19.20", "19.21");

  private final Set<String> named = namesOfTests();
  private final Map<String, String> listed = rowsOfTheDocument();

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
        (item, mark) -> {
          if (mark.equals("–")) {
            assertThat(CANNOT_HOLD).contains(item);
          } else {
            assertThat(named).as("names of tests").contains(item);
          }
        });
  }

  @Test
  void everyNumberInATestsName_isARowOfTheDocument() {
    assertThat(listed.keySet()).containsAll(named);
  }

  private static Set<String> namesOfTests() {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !file.toString().contains("/target/"))
          .flatMap(file -> NAME.matcher(read(file)).results())
          .flatMap(name -> ITEM.matcher(name.group(1)).results())
          .forEach(item -> names.add(item.group()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return names;
  }

  private static Map<String, String> rowsOfTheDocument() {
    Map<String, String> rows = new TreeMap<>();
    for (String line : read(ROOT.resolve("docs/compatibility.md")).lines().toList()) {
      ROW.matcher(line)
          .results()
          .forEach(
              row -> {
                for (String item : row.group(1).split(", ", -1)) {
                  rows.put(item, row.group(2));
                }
              });
    }
    return rows;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
