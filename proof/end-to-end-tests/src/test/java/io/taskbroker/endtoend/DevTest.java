package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.quickstart.Dev;
import io.taskbroker.workload.process.ChildProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./taskbroker dev} as a newcomer runs it, twice, and ends it in every way. */
class DevTest {
  private static final Duration START = Duration.ofMinutes(5);
  private static final Duration END = Duration.ofMinutes(5);
  private static final Pattern HOLDER = Pattern.compile("process (\\d+) ");

  @TempDir Path folder;

  private int started;

  @Test
  void aSecondOneOnTheSameFolder_isRefusedInOneSentence_andTheFirstGoesOn() {
    try (ChildProcess first = awaitServing(dev());
        ChildProcess second = dev()) {
      assertThat(second.awaitExit(END)).isOne();
      assertThat(second.output().strip())
          .startsWith("taskbroker dev: " + state() + " is in use by process " + first.pid())
          .contains("--state")
          .hasLineCount(1);
      long lines = first.output().lines().count();
      Waiting.until("the first goes on", START, () -> first.output().lines().count() > lines + 2);
      first.signal(ProcessSignal.INT);
      assertThat(first.awaitExit(END)).as(first.output()).isZero();
    }
  }

  @Test
  void nothingOutlivesOneThatIsKilled_andTheNextOneStarts() throws Exception {
    ProcessHandle broker;
    try (ChildProcess dev = awaitServing(dev())) {
      broker = broker();
      dev.kill();
    }

    broker.onExit().get(END.toSeconds(), TimeUnit.SECONDS);
    try (ChildProcess next = dev("--tasks", "20", "--exit")) {
      assertThat(next.awaitExit(START)).as(next.output()).isZero();
    }
  }

  @Test
  void withPostgres_theTasksAreInADatabase_andTheNextOneStartsAfterAKill() {
    try (ChildProcess dev = awaitServing(dev("--postgres"))) {
      assertThat(dev.output()).contains("Postgres: psql -h 127.0.0.1 -p ");
      dev.kill();
    }

    try (ChildProcess next = dev("--postgres", "--tasks", "20", "--exit")) {
      assertThat(next.awaitExit(START)).as(next.output()).isZero();
    }
    assertThat(state().resolve("postgres/PG_VERSION")).exists();
    assertThat(state().resolve("postgres/postmaster.pid")).doesNotExist();
    assertThat(state().resolve("inflight.sqlite")).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Starting", "broker.log", "workers"})
  void anInterruptAtAnyTime_endsAllOfIt(String phase) {
    try (ChildProcess dev = dev()) {
      Waiting.until(
          "it has come to " + phase,
          START,
          () -> dev.output().contains(phase + " ") || Files.exists(state().resolve(phase)));
      dev.signal(ProcessSignal.INT);

      assertThat(dev.awaitExit(END)).as(dev.output()).isZero();
      assertThat(dev.output()).doesNotContain("Exception");
      assertThat(state().resolve("inflight.sqlite.owner")).doesNotExist();
    }
  }

  @Test
  void aPortThatIsTaken_isSaidToBe() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      try (ChildProcess dev = dev("--kafka-port", port, "--tasks", "20", "--exit")) {
        assertThat(dev.awaitExit(START)).as(dev.output()).isZero();
        assertThat(dev.output()).contains("Port " + port + " is taken; Kafka listens on ");
      }
    }
  }

  @Test
  void aQuietOne_hasOnlyTheTasksThatAreSent_andAWorkerPrintsThem() {
    try (ChildProcess dev = dev("--quiet")) {
      Waiting.until("it serves", START, () -> dev.output().contains("received 0 "));
      try (ChildProcess send = command("send", "mail.welcome", "[7, \"a@b.c\"]")) {
        assertThat(send.awaitExit(END)).as(send.output()).isZero();
        assertThat(send.output()).contains(" to topic 'taskworker'. See it at http://127.0.0.1:");
      }
      Waiting.until("it is stored", START, () -> dev.output().contains("received 1 "));
      try (ChildProcess work = command("work", "--application", "dev", "--tasks", "1")) {
        assertThat(work.awaitExit(END)).as(work.output()).isZero();
        assertThat(work.output()).contains("mail.welcome(7, \"a@b.c\")  application 'dev', id ");
      }
      Waiting.until("it is over", START, () -> dev.output().contains("ended 1 "));
      assertThat(dev.output()).doesNotContain("produced");
      dev.signal(ProcessSignal.INT);
      assertThat(dev.awaitExit(END)).as(dev.output()).isZero();
    }
    try (ChildProcess send = command("send", "mail.welcome")) {
      assertThat(send.awaitExit(END)).isOne();
      assertThat(send.output()).contains("no development server runs in " + state());
    }
  }

  @Test
  void aTaskThatAWorkerFails_isADeadLetter_ifThatIsWanted() throws Exception {
    try (ChildProcess dev = dev("--quiet")) {
      Waiting.until("it serves", START, () -> dev.output().contains("received 0 "));
      String dashboard;
      try (ChildProcess kept = command("send", "mail.bounced", "--dead-letter");
          ChildProcess discarded = command("send", "mail.bounced")) {
        assertThat(kept.awaitExit(END)).as(kept.output()).isZero();
        assertThat(discarded.awaitExit(END)).as(discarded.output()).isZero();
        dashboard = kept.output().replaceAll("(?s).*(http://127[^/]+)/.*", "$1");
      }
      Waiting.until("both are stored", START, () -> dev.output().contains("received 2 "));
      try (ChildProcess work = command("work", "--fail", "--tasks", "2")) {
        assertThat(work.awaitExit(END)).as(work.output()).isZero();
      }
      Waiting.until("both have failed", START, () -> dev.output().contains("failed 2 "));

      assertThat(ask(dashboard + "/api/v1/dead-letters/groups")).contains("\"open\":1,");
      assertThat(Files.readString(state().resolve("broker.log")))
          .as("a file shows no colours")
          .doesNotContain("\u001b");
      dev.signal(ProcessSignal.INT);
      assertThat(dev.awaitExit(END)).as(dev.output()).isZero();
    }
  }

  private static String ask(String url) throws IOException, InterruptedException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }

  @Test
  void zeros_meanNone() {
    try (ChildProcess dev = dev("--tasks", "0", "--exit")) {
      assertThat(dev.awaitExit(START)).as(dev.output()).isZero();
      assertThat(dev.output()).contains("produced=0 ");
    }
    try (ChildProcess dev = dev("--workers", "0", "--tasks", "20")) {
      Waiting.until("all are produced", START, () -> dev.output().contains("under way    20"));
      dev.signal(ProcessSignal.INT);
      assertThat(dev.awaitExit(END)).as(dev.output()).isZero();
      assertThat(dev.output()).contains("completed=0 ");
    }
  }

  private static ChildProcess awaitServing(ChildProcess dev) {
    Waiting.until("it serves", START, () -> dev.output().contains("produced "));
    return dev;
  }

  private ProcessHandle broker() throws IOException {
    var holder = HOLDER.matcher(Files.readString(state().resolve("inflight.sqlite.owner")));
    assertThat(holder.find()).isTrue();
    return ProcessHandle.of(Long.parseLong(holder.group(1))).orElseThrow();
  }

  private Path state() {
    return folder.resolve("state");
  }

  private ChildProcess dev(String... more) {
    List<String> options = new ArrayList<>(List.of("--state", state().toString()));
    options.addAll(List.of(more));
    return start(options);
  }

  private ChildProcess command(String... more) {
    List<String> options = new ArrayList<>(List.of(more));
    options.addAll(List.of("--state", state().toString()));
    return start(options);
  }

  private ChildProcess start(List<String> options) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "-Dtaskbroker.jar=" + System.getProperty("taskbroker.jar"),
                "-cp",
                System.getProperty("java.class.path"),
                Dev.class.getName()));
    words.addAll(options);
    started++;
    return ChildProcess.start(ChildProcess.java("400m", words), folder.resolve("dev-" + started));
  }
}
