package io.taskbroker.workload.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildProcessTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

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
    child.signal(ProcessSignal.INT);

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
    var reading = List.of("sh", "-c", "read line");
    try (var child = ChildProcess.startListening(reading, folder.resolve("output"))) {
      assertThatThrownBy(() -> child.awaitExit(Duration.ofMillis(50)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(Long.toString(child.pid()));

      child.closeInput();
      assertThat(child.awaitExit(PATIENCE)).isEqualTo(1);
    }
  }

  @Test
  void endsWhenTheOneWhoStartedItIsKilled() throws Exception {
    Path output = folder.resolve("output");
    var parent =
        ChildProcess.start(
            ChildProcess.java(
                "32m",
                List.of(
                    "-cp",
                    System.getProperty("java.class.path"),
                    Parent.class.getName(),
                    output.toString())),
            folder.resolve("parent"));
    Waiting.until("the parent is ready", PATIENCE, () -> parent.output().endsWith("\n"));
    long pid = Long.parseLong(parent.output().strip());
    var grandchild = ProcessHandle.of(pid).orElseThrow();
    Waiting.until("it is ready", PATIENCE, () -> isReady(output));

    parent.kill();

    grandchild.onExit().get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(Files.readString(output)).isEqualTo("ready\nasked to stop\n");
  }

  private static boolean isReady(Path output) {
    try {
      return Files.exists(output) && Files.readString(output).equals("ready\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts a child, says its number, and waits to be killed. */
  static final class Parent {
    private Parent() {}

    public static void main(String[] arguments) throws InterruptedException {
      String script =
          "trap 'echo asked to stop; exit' TERM; echo ready; while true; do sleep 0.05; done";
      var child = ChildProcess.start(List.of("sh", "-c", script), Path.of(arguments[0]));
      System.out.println(child.pid());
      new CountDownLatch(1).await();
    }
  }

  private ChildProcess sh(String script) {
    return ChildProcess.start(List.of("sh", "-c", script), folder.resolve("output"));
  }
}
