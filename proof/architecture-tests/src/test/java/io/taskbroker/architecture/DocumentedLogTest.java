package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every target and every line at ERROR of the log is one that operators can read about. */
class DocumentedLogTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();
  private static final Pattern LOGGER = Pattern.compile("getLogger\\(\\s*([^)]+)\\)");
  private static final Pattern ERROR = Pattern.compile("LOG\\s*\\.(?:error|atError)\\(");
  private static final Pattern TEXT =
      Pattern.compile("LOG\\.error\\(\\s*\"((?:[^\"]|\"\\s*\\+\\s*\")+)\"");

  /** What stands between two values of a line. */
  private static final Pattern PART = Pattern.compile("\\{}|[(){}'@]");

  private static final int FIRST_WORDS = 4;
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(taskbroker[a-z_:]*)` \\|");

  /** Not of the broker itself: what tests and demonstrations say. */
  private static final Set<String> OTHERS =
      Set.of("benchmarks", "examples", "proof", "quickstart", "testkit");

  @Test
  void theTargetsOfTheCode_areThoseOfTheTable() {
    Set<String> used =
        sources()
            .flatMap(file -> LOGGER.matcher(read(file)).results())
            .map(logger -> logger.group(1))
            .filter(name -> !name.startsWith("Logger.ROOT"))
            .map(name -> name.replace("\"", ""))
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> listed =
        ROW.matcher(read(ROOT.resolve("docs/operations.md")))
            .results()
            .map(row -> row.group(1))
            .collect(Collectors.toCollection(TreeSet::new));

    assertThat(used).isEqualTo(listed);
  }

  @Test
  void everyLineAtError_isExplained() {
    String explained = read(ROOT.resolve("docs/operations.md")).replaceAll("\\s+", " ");
    List<String> unexplained =
        sources()
            .flatMap(file -> TEXT.matcher(read(file)).results())
            .map(line -> line.group(1).replaceAll("\"\\s*\\+\\s*\"", ""))
            .filter(line -> !explained.contains(telling(line)))
            .toList();

    assertThat(unexplained).as("lines that docs/operations.md does not explain").isEmpty();
  }

  @Test
  void everyLineAtError_isOneThatThisTestCanRead() {
    assertThat(sources())
        .filteredOn(file -> matches(ERROR, file) != matches(TEXT, file))
        .as("an error that is logged in another way than as a literal")
        .isEmpty();
    assertThat(telling("Row {} ({}) cannot leave for Kafka and is kept"))
        .isEqualTo("cannot leave for Kafka");
    assertThat(telling("Thread {} ended")).isEqualTo("Thread");
  }

  /** The first words of a line that belong together, as a document would quote them. */
  private static String telling(String line) {
    List<String> parts = PART.splitAsStream(line).map(String::strip).toList();
    String part =
        parts.stream()
            .filter(words -> words.contains(" "))
            .findFirst()
            .orElse(parts.stream().max(Comparator.comparingInt(String::length)).orElseThrow());
    return Stream.of(part.split(" ", -1)).limit(FIRST_WORDS).collect(Collectors.joining(" "));
  }

  private static long matches(Pattern pattern, Path file) {
    return pattern.matcher(read(file)).results().count();
  }

  private static Stream<Path> sources() {
    try (Stream<Path> files = Files.walk(ROOT)) {
      return files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> file.toString().contains("/src/main/"))
          .filter(file -> !OTHERS.contains(ROOT.relativize(file).getName(0).toString()))
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
