package io.taskbroker.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * All inputs that are kept are taken or refused as they should be: sound ones, those that reach
 * most of the code, and those that once did not.
 */
class CorpusTest {
  private static final Path CORPUS = Path.of("corpus");

  /** Far more than all of a target's inputs take, on a machine that does other things, too. */
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  static List<String> names() {
    return Targets.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void eachInputIsTakenOrRefused(String name) throws IOException {
    try (Target target = Targets.open(name)) {
      assertThat(target.name()).isEqualTo(name);
      List<byte[]> inputs = new ArrayList<>(target.seeds());
      inputs.addAll(kept(name));
      assertThat(inputs).hasSizeGreaterThan(1);

      assertTimeoutPreemptively(
          PATIENCE,
          () ->
              inputs.forEach(
                  input ->
                      assertThatCode(() -> target.give(input))
                          .as("%s given %s", name, HexFormat.of().formatHex(input))
                          .doesNotThrowAnyException()));
    }
  }

  private static List<byte[]> kept(String name) throws IOException {
    Path folder = CORPUS.resolve(name);
    if (Files.notExists(folder)) {
      return List.of();
    }
    List<byte[]> kept = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        kept.add(Files.readAllBytes(file));
      }
    }
    return kept;
  }

  @Test
  void nothingIsKeptForNobody() throws IOException {
    try (Stream<Path> folders = Files.list(CORPUS)) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .isSubsetOf(Targets.names());
    }
  }
}
