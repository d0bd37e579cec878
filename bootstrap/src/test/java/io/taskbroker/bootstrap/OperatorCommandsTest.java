package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The commands about the broker, its workers and its settings, and who answers them. */
class OperatorCommandsTest extends OperatorsTerminal {
  @Test
  void status_showsHowTheBrokerIs_andExitsWith1IfItIsNotReady() {
    produce(pending("a"), far("b"));

    assertThat(run("status")).isZero();
    assertThat(out.toString()).contains("taskbroker 1.2.3: ready").containsPattern("pending +1");
    broker.time().advance(Duration.ofSeconds(303));
    run("status"); // whether it is ready after such a leap is not the question
    assertThat(out.toString()).containsPattern("no worker has had waits for 5 min \\d s");

    broker.broker().drain();
    assertThat(run("status")).isEqualTo(1);
    assertThat(out.toString()).contains("not ready, the broker is stopping");
  }

  @Test
  void kafka_showsHowFarTopicsAreRead_andWhatHoldsThemUp() {
    assertThat(run("kafka")).isZero();
    assertThat(out.toString()).isEmpty();
    topics.show(
        new TopicSight(
            "tasks",
            TopicSight.Use.READ,
            "main",
            "kafka:9092",
            "workers",
            "the group could not be asked",
            List.of(
                new PartitionSight(0, "node 1", 0L, 9L, 4L, "other at 10.0.0.7"),
                new PartitionSight(1, null, null, null, 2L, null))));
    broker.time().advance(Duration.ofSeconds(2));

    assertThat(run("kafka")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("tasks +0 +9 +- +- +4 +5 +other at 10.0.0.7"))
        .anySatisfy(line -> assertThat(line).matches("tasks +1 +- +- +- +2 +- +-"))
        .contains(
            "tasks: the group could not be asked.",
            "tasks, partition 1: no node leads it: nothing of it can be read or written.");
  }

  @Test
  void logLevel_showsWhatIsLogged_changesIt_andGoesBack() {
    assertThat(run("log-level")).isZero();
    assertThat(out.toString()).contains("Logged as configured: info");

    assertThat(run("log-level", "debug", "taskbroker::store", "--for", "10m", "--reason", "slow"))
        .isZero();
    assertThat(out.toString())
        .contains("Logged as configured: info")
        .contains("taskbroker::store at debug, by local since ", "; because: slow");
    assertThat(run("log-level", "trace")).isZero();
    assertThat(out.toString()).contains("all at trace, by local since ", "until somebody ends it");
    assertThat(run("log-level", "configured", "taskbroker::store")).isZero();
    assertThat(out.toString()).doesNotContain("taskbroker::store");
    assertThat(run("log-level", "configured", "taskbroker::store")).isEqualTo(1);
    assertThat(run("log-level", "loud")).isEqualTo(1);
    assertThat(err.toString()).contains("'loud' is no level");
    assertThat(run("log-level", "configured", "--for", "10m")).isEqualTo(2);
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).contains("log taskbroker::store at debug until ");
  }

  @Test
  void configuration_showsEachValue_orOnlyWhatWasWritten() {
    assertThat(run("configuration")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("store.path +/data +tasks.sqlite +b.yml:3"))
        .anySatisfy(line -> assertThat(line).matches("store.sync +true +true +-"));
    assertThat(run("configuration", "--given")).isZero();
    assertThat(out.toString()).contains("store.path").doesNotContain("store.sync");
  }

  @Test
  void why_andWorkers_nameTheApplicationThatNobodyWorksFor() {
    assertThat(run("why")).isZero();
    assertThat(out.toString()).contains("Nothing is known to stand still.");

    produce(pending("a").application("shop"));

    assertThat(run("why")).isZero();
    assertThat(out.toString())
        .contains("Application 'shop': 1 task waits, and no worker has asked for that");
    assertThat(run("why", "a")).isZero();
    assertThat(out.toString()).contains("Task 'a'");
    assertThat(run("workers")).isZero();
    assertThat(out.toString()).contains("shop").contains("not since the broker started");
  }

  @Test
  void workers_tellsWhomTheBrokerCalls_andWhyTheyTakeNothing() {
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    workers.answer("shop", new Answer.Refused("away"));
    try (BrokerFixture calling = BrokerFixture.builder().workers(workers).start();
        AdminServer own = AdminServer.start(SETTINGS, calling.broker(), around(), calling.time())) {
      calling.produce(pending("a").application("shop"));
      calling.await("a refused push", () -> !calling.broker().stalls().current().isEmpty());

      assertThat(runAt(own.port(), "workers")).isZero();

      assertThat(out.toString().lines())
          .anySatisfy(line -> assertThat(line).matches("in-memory:1 +shop +1 +1 +0 +away"));
      assertThat(out.toString()).doesNotContain("No worker has asked");
    }
  }

  @Test
  void workers_andTask_tellWhoHasATask() {
    assertThat(run("workers")).isZero();
    assertThat(out.toString()).contains("No worker has asked for tasks in the last ten minutes.");
    produce(pending("a").application("shop"));
    broker.takeAs("10.0.0.5:41234");
    broker.broker().dispatch().programs().tells("10.0.0.5:41234", "mail/2.7\u001b[31m");

    assertThat(run("workers")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(
            line ->
                assertThat(line)
                    .matches(
                        "10.0.0.5:41234 +mail/2.7.u001b.31m +anything +2026-03-02T12:00:00Z +- +1"
                            + " +2026-03-02T12:00:00Z"));
    assertThat(run("workers", "--json")).isZero();
    assertThat(out.toString()).contains("\"applications\"", "\"asks_for\"");
    assertThat(run("task", "a")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).matches("worker +10.0.0.5:41234"));
  }

  @Test
  void top_showsOnePicture_whereThereIsNoTerminal() {
    produce(pending("a\u001b[31m").application("shop").taskname("mail"), far("b"));

    assertThat(run("top")).isZero();
    assertThat(out.toString().lines())
        .anySatisfy(line -> assertThat(line).startsWith("taskbroker 1.2.3 at http://127.0.0.1:"))
        .anySatisfy(line -> assertThat(line).startsWith("since the start 2 in, 0 over"))
        .anySatisfy(line -> assertThat(line).startsWith("1 pending   1 delayed   "))
        .anySatisfy(line -> assertThat(line).matches("shop +\\S+ +mail +1 +0 s +0 +0 +0"))
        .anySatisfy(line -> assertThat(line).startsWith("! Application 'shop': 1 task waits"))
        .anySatisfy(line -> assertThat(line).matches("shop +1 +0 s +not since the broker started"));
    assertThat(out.toString()).doesNotContain("\u001b");
    assertThat(run("top", "--json")).isZero();
    assertThat(out.toString()).contains("\"explanations\"", "\"queues\"");
  }

  @Test
  void aPortThatSpeaksAnotherProtocol_isNotRepeated_butNamed() throws Exception {
    try (ServerSocket workers = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answering =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (Socket caller = workers.accept()) {
                      // The first frames of HTTP/2: its settings, and a farewell.
                      caller.getOutputStream().write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0});
                      caller.getOutputStream().write(new byte[] {0, 0, 8, 7, 0, 0, 0, 0, 0});
                      caller.getOutputStream().write("\0\0\0\0\0\0\0\1no\r\n".getBytes(UTF_8));
                      caller.shutdownOutput();
                      caller.getInputStream().readAllBytes();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });

      assertThat(runAt(workers.getLocalPort(), "status")).isEqualTo(1);

      assertThat(err.toString()).contains("that may be the port of workers");
      answering.join();
    }
  }

  @Test
  void aBrokerThatDoesNotAnswer_isNamed() {
    server.close();

    assertThat(run("status")).isEqualTo(1);
    assertThat(err.toString())
        .contains("taskbroker: no admin API answers at http://127.0.0.1:")
        .contains("is admin.port set?");
  }
}
