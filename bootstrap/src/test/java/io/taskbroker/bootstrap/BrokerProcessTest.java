package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker as a process of its own, without a Kafka. */
@Timeout(60)
class BrokerProcessTest {
  /** Nothing listens there; the broker is expected not to mind. */
  private static final String NO_KAFKA = "kafka_cluster: 127.0.0.1:1\n";

  @TempDir private Path folder;
  private final List<Process> started = new ArrayList<>();

  @BeforeEach
  void writeConfiguration() throws IOException {
    write(NO_KAFKA + "grpc_port: " + freePort() + "\n");
  }

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void aSignalEndsItInOrderWithStatus0(String signal) throws Exception {
    start("-c", "c.yml");
    awaitLine("Workers are served on");

    long before = System.nanoTime();
    signal(signal);

    assertThat(process().waitFor(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(10));
    assertThat(process().exitValue()).isZero();
    assertThat(standardOutput()).startsWith("taskbroker starting\nversion: ");
    assertThat(lastLine()).contains(" INFO taskbroker: Stopped");
  }

  @Test
  void quitOnlyDumpsItsThreads() throws Exception {
    start("-c", "c.yml");
    awaitLine("Workers are served on");

    signal("QUIT");
    await(() -> standardOutput().contains("Full thread dump"));

    assertThat(process().isAlive()).isTrue();
  }

  @Test
  void itsFileCanBeReadBeforeAnythingElseIsUp() throws Exception {
    start("-c", "c.yml");
    awaitLine("The store holds 0 unfinished activations");

    assertThat(folder.resolve("store.sqlite")).isNotEmptyFile();
    assertThat(standardError()).doesNotContain("ERROR").contains("Configuration\n  config:\n");
  }

  @Test
  void anOccupiedPortIsSaidInTheLastLine() throws Exception {
    try (var occupied = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
      write(NO_KAFKA + "grpc_port: " + occupied.getLocalPort() + "\n");
      start("-c", "c.yml");

      assertThat(process().waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process().exitValue()).isEqualTo(1);
      assertThat(lastLine()).contains("ERROR", "cannot listen on", "grpc_port");
    }
  }

  @Test
  void anUnusableFileIsSaidInTheLastLine() throws Exception {
    Files.writeString(folder.resolve("store.sqlite"), "no database at all");
    start("-c", "c.yml");

    assertThat(process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process().exitValue()).isEqualTo(1);
    assertThat(lastLine()).contains("ERROR", "store.sqlite");
    assertThat(folder.resolve("store.sqlite")).hasContent("no database at all");
  }

  @Test
  void aTemporaryFolderThatIsNoneIsSaidWithTheRemedy() throws Exception {
    start(List.of("-Djava.io.tmpdir=/nowhere"), "-c", "c.yml");

    assertThat(process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process().exitValue()).isEqualTo(1);
    assertThat(lastLine()).contains("ERROR", "/nowhere", "-Djava.io.tmpdir=FOLDER");
  }

  @Test
  void migrationsAreNothingToDoForAFile() throws Exception {
    start("-c", "c.yml", "--run", "migrations");

    assertThat(process().waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(process().exitValue()).isZero();
    assertThat(lastLine()).contains("WARN", "Nothing to migrate");
    assertThat(folder.resolve("store.sqlite")).doesNotExist();
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve("c.yml"), yaml + "db_path: store.sqlite\n");
  }

  private void start(String... words) throws IOException {
    start(List.of(), words);
  }

  private void start(List<String> options, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path")));
    command.addAll(options);
    command.add(Main.class.getName());
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(folder.resolve("out").toFile())
            .redirectError(folder.resolve("err").toFile());
    builder.environment().put("NO_COLOR", "1");
    started.add(builder.start());
  }

  private Process process() {
    return started.getLast();
  }

  private void signal(String name) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("kill", "-" + name, "" + process().pid()).start().waitFor())
        .isZero();
  }

  private void awaitLine(String text) throws Exception {
    await(() -> standardError().contains(text));
  }

  private interface Condition {
    boolean holds() throws IOException;
  }

  /** There is nothing to wait on but the files of another process. */
  private void await(Condition condition) throws IOException, InterruptedException {
    while (!condition.holds()) {
      assertThat(process().isAlive()).as("alive; it said: %s", standardError()).isTrue();
      process().waitFor(20, TimeUnit.MILLISECONDS);
    }
  }

  private String standardOutput() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private String standardError() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  private String lastLine() throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(folder.resolve("err"))) {
      return lines.lines().reduce((_, line) -> line).orElse("");
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
