package io.taskbroker.fuzzing;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class FuzzTest {
  private static final Path PAGE = Path.of("../../docs/fuzzing.md");

  @Test
  void aTargetThatThereIsNot_isToldAtOnce_withThoseThatThereAre() {
    var said = new StringWriter();

    int code = Fuzz.commandLine().setErr(new PrintWriter(said)).execute("activations");

    assertThat(code).isEqualTo(2);
    assertThat(said.toString()).contains("'activations' is no target").contains("activation, raw");
  }

  @Test
  void thePageSaysOfEachTargetWhatItGives() throws IOException {
    String page = Files.readString(PAGE);

    for (String name : Targets.names()) {
      try (Target target = Targets.open(name)) {
        assertThat(page).contains("| `" + name + "` | " + target.about() + " |");
      }
    }
  }
}
