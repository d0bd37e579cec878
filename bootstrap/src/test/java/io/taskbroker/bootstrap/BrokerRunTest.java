package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The broker as a process of its own, without a Kafka. */
@Timeout(180)
class BrokerRunTest {
  /** Nothing listens there; the broker is expected not to mind. */
  private static final String NO_KAFKA = "kafka_cluster: 127.0.0.1:1\n";

  @TempDir private Path folder;

  @BeforeEach
  void writeConfiguration() throws IOException {
    write(NO_KAFKA + "grpc_port: " + freePort() + "\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"INT", "TERM", "HUP"})
  void aSignalEndsItInOrderWithStatus0(String signal) throws Exception {
    assumeFalse(
        isIgnored(signal),
        "this test was itself started with SIG" + signal + " ignored, which its children inherit");
    try (OwnProcess broker = start("-c", "c.yml")) {
      broker.awaitError("Workers are served on");

      broker.signal(signal);

      // Its own limit is 9 s; what has not stopped by then ends with another status.
      assertThat(broker.status()).isZero();
      assertThat(broker.standardOutput()).startsWith("taskbroker starting\nversion: ");
      assertThat(broker.lastLine()).contains(" INFO taskbroker: Stopped");
    }
  }

  /** It stands at its rules, which come from a pipe that says nothing yet. */
  @Test
  void aSignalWhileItStarts_endsItBeforeTheNextPart() throws Exception {
    Path pipe = folder.resolve("rules");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    write(NO_KAFKA + "grpc_port: " + freePort() + "\nruntime_config_path: " + pipe + "\n");
    try (OwnProcess broker = start("-c", "c.yml")) {
      try (OutputStream rules = Files.newOutputStream(pipe)) { // which waits for its reader
        broker.signal("TERM");
        while (!broker.standardOutput().contains("Shutdown.awaitStop")) {
          broker.signal("QUIT"); // its threads say that it has heard
        }
        rules.write("drop_task_killswitch: []\n".getBytes(StandardCharsets.UTF_8));
      }

      assertThat(broker.status()).isZero();
      assertThat(broker.lastLine()).contains(" INFO taskbroker: Stopped");
      assertThat(folder.resolve("store.sqlite")).doesNotExist();
    }
  }

  /**
   * Whether a parent has this process ignore a signal, as nohup does with SIGHUP, and a shell with
   * SIGINT for what it starts in the background. The kernel's mask has a bit for each, from 1.
   */
  private static boolean isIgnored(String signal) throws IOException {
    int number =
        switch (signal) {
          case "HUP" -> 1;
          case "INT" -> 2;
          case "TERM" -> 15;
          default -> throw new IllegalArgumentException(signal);
        };
    Path status = Path.of("/proc/self/status");
    return Files.exists(status)
        && Files.readAllLines(status).stream()
            .filter(line -> line.startsWith("SigIgn:"))
            .map(line -> Long.parseUnsignedLong(line.substring(7).strip(), 16))
            .anyMatch(mask -> (mask >> (number - 1) & 1) == 1);
  }

  @Test
  void quitOnlyDumpsItsThreads() throws Exception {
    try (OwnProcess broker = start("-c", "c.yml")) {
      broker.awaitError("Workers are served on");

      broker.signal("QUIT");
      broker.awaitOutput("Full thread dump");

      assertThat(broker.isAlive()).isTrue();
    }
  }

  @Test
  void itsFileCanBeReadBeforeAnythingElseIsUp() throws Exception {
    try (OwnProcess broker = start("-c", "c.yml")) {
      broker.awaitError("The store holds 0 unfinished activations");

      assertThat(folder.resolve("store.sqlite")).isNotEmptyFile();
      assertThat(broker.standardError())
          .doesNotContain("ERROR")
          .contains("Configuration\n  config:\n");
    }
  }

  @Test
  void anOccupiedPortIsSaidInTheLastLine() throws Exception {
    try (var occupied = new ServerSocket(0, 1, InetAddress.getByName("0.0.0.0"))) {
      write(NO_KAFKA + "grpc_port: " + occupied.getLocalPort() + "\n");

      assertFailsToStart("cannot listen on", "grpc_port");
    }
  }

  @Test
  void anUnusableFileIsSaidInTheLastLineAndLeftAlone() throws Exception {
    Files.writeString(folder.resolve("store.sqlite"), "no database at all");

    assertFailsToStart("store.sqlite");

    assertThat(folder.resolve("store.sqlite")).hasContent("no database at all");
  }

  @Test
  void aTemporaryFolderThatIsNoneIsSaidWithTheRemedy() throws Exception {
    try (OwnProcess broker =
        OwnProcess.start(folder, Main.class, List.of("-Djava.io.tmpdir=/nowhere"), "-c", "c.yml")) {
      assertThat(broker.status()).isEqualTo(1);
      assertThat(broker.lastLine()).contains("ERROR", "/nowhere", "-Djava.io.tmpdir=FOLDER");
    }
  }

  @Test
  void migrationsAreNothingToDoForAFile() throws Exception {
    try (OwnProcess broker = start("-c", "c.yml", "--run", "migrations")) {
      assertThat(broker.status()).isZero();
      assertThat(broker.lastLine()).contains("WARN", "Nothing to migrate");
      assertThat(folder.resolve("store.sqlite")).doesNotExist();
    }
  }

  @Test
  void whatIsAcceptedWithoutEffectIsSaidOnce() throws Exception {
    write(NO_KAFKA + "batch_status_updates: true\nstatus_update_interval_ms: 100\n");

    try (OwnProcess broker = start("-c", "c.yml", "--run", "migrations")) {
      assertThat(broker.status()).isZero();
      assertThat(broker.standardError().lines())
          .filteredOn(line -> line.contains("change nothing in this version"))
          .singleElement()
          .asString()
          .contains(" INFO taskbroker: ")
          .endsWith(": batch_status_updates (c.yml:2)");
    }
  }

  @Test
  void aWrongConfigurationIsSaidInTheFormatOfTheLog() throws Exception {
    write(NO_KAFKA + "log_format: json\ngrpc_port: many\n");

    try (OwnProcess broker = start("-c", "c.yml")) {
      assertThat(broker.status()).isEqualTo(1);
      assertThat(broker.standardError().lines())
          .allSatisfy(line -> assertThat(line).startsWith("{").endsWith("}"))
          .anyMatch(line -> line.contains("grpc_port (c.yml:3): expects a whole number"));
      assertThat(broker.standardOutput()).isEmpty();
    }
  }

  private void assertFailsToStart(String... words) throws Exception {
    try (OwnProcess broker = start("-c", "c.yml")) {
      assertThat(broker.status()).isEqualTo(1);
      assertThat(broker.lastLine()).contains("ERROR").contains(words);
    }
  }

  private void write(String yaml) throws IOException {
    Files.writeString(folder.resolve("c.yml"), yaml + "db_path: store.sqlite\n");
  }

  private OwnProcess start(String... words) throws IOException {
    return OwnProcess.start(folder, Main.class, List.of(), words);
  }

  /** None that the system gives to others meanwhile: those lie above. */
  private static int freePort() {
    int port = 30_000 + (int) (ProcessHandle.current().pid() % 2_000);
    while (true) {
      try (var _ = new ServerSocket(port)) {
        return port;
      } catch (IOException _) {
        port++; // somebody listens there
      }
    }
  }
}
