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

/** Every target of the log is one that operators can read about, and filter by. */
class LogTargetsTest {
  private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
  private static final Pattern LOGGER = Pattern.compile("getLogger\\(\\s*([^)]+)\\)");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(taskbroker[a-z_:]*)` \\|");

  /** Not of the broker itself: what tests and demonstrations say. */
  private static final Set<String> OTHERS =
      Set.of("benchmarks", "examples", "proving", "quickstart", "testkit");

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
