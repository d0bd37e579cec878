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
