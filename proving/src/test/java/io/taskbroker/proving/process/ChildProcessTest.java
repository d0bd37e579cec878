package io.taskbroker.proving.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @TempDir Path folder;

  @Test
  void keepsItsOutputAndItsExitCode() {
    var child = sh("echo hello; echo trouble >&2; exit 3");

    assertThat(child.awaitExit(PATIENCE)).isEqualTo(3);
    assertThat(child.output()).isEqualTo("hello\ntrouble\n");
  }

  @Test
  void hearsSignals() {
    var child = sh("trap 'echo heard; exit 7' INT; echo ready; while true; do sleep 0.05; done");
    Waiting.until("it is ready", PATIENCE, () -> child.output().contains("ready"));
    child.signal(Signal.INT);

    assertThat(child.awaitExit(PATIENCE)).isEqualTo(7);
    assertThat(child.output()).contains("heard");
  }

  @Test
  void endsAtOnceWhenKilled() {
    var child = sh("trap '' INT TERM; echo ready; while true; do sleep 0.05; done");
    Waiting.until("it is ready", PATIENCE, () -> child.output().contains("ready"));
    child.kill();

    assertThat(child.awaitExit(PATIENCE)).isEqualTo(128 + 9);
  }

  @Test
  void saysThatItIsStillAlive() {
    try (var child = sh("read line")) {
      assertThatThrownBy(() -> child.awaitExit(Duration.ofMillis(50)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(Long.toString(child.pid()));

      child.closeInput();
      assertThat(child.awaitExit(PATIENCE)).isEqualTo(1);
    }
  }

  private ChildProcess sh(String script) {
    return ChildProcess.start(List.of("sh", "-c", script), folder.resolve("output"));
  }
}
