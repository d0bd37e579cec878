package io.taskbroker.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The poms of the modules. */
class PomsTest {
  private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

  /** A version in figures, other than ours. */
  private static final Pattern VERSION =
      Pattern.compile("<version>(?!0\\.1\\.0-SNAPSHOT)[^$<]*[0-9][^<]*</version>");

  @Test
  void versionsAreNamedInOnePlace() throws IOException {
    assertThat(modules())
        .hasSizeGreaterThan(10)
        .allSatisfy(pom -> assertThat(Files.readString(pom)).doesNotContainPattern(VERSION));
  }

  /** There is no jar of them, so that an install of all modules would fail at them. */
  @Test
  void modulesOfTestsOnlyAreNotInstalled() throws IOException {
    assertThat(modules().stream().filter(PomsTest::isOfTestsOnly))
        .hasSizeGreaterThan(2)
        .allSatisfy(
            pom ->
                assertThat(Files.readString(pom))
                    .containsOnlyOnce("<maven.install.skip>true</maven.install.skip>"));
  }

  private static boolean isOfTestsOnly(Path pom) {
    return Files.exists(pom.resolveSibling("src/test"))
        && Files.notExists(pom.resolveSibling("src/main"));
  }

  private static List<Path> modules() throws IOException {
    try (Stream<Path> top = Files.list(ROOT);
        Stream<Path> proof = Files.list(ROOT.resolve("proof"))) {
      return Stream.concat(top, proof)
          .map(folder -> folder.resolve("pom.xml"))
          .filter(Files::exists)
          .toList();
    }
  }
}
