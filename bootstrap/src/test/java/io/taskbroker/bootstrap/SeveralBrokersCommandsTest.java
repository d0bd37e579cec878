package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.Surroundings;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** The commands of operators, against two brokers at once, over their sockets. */
class SeveralBrokersCommandsTest {
  private final BrokerFixture a = BrokerFixture.start();
  private final BrokerFixture b = BrokerFixture.start();
  private final AdminServer serverA = serve(a, AdminRole.ADMIN);
  private final AdminServer serverB = serve(b, AdminRole.ADMIN);
  private final String nameA = "127.0.0.1:" + serverA.port();
  private final String nameB = "127.0.0.1:" + serverB.port();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private static AdminServer serve(BrokerFixture broker, AdminRole role) {
    return AdminServer.start(
        new AdminSettings(
            "127.0.0.1", 0, 64, List.of(), Optional.of(role), List.of(), AdminRole.OPERATOR),
        broker.broker(),
        Surroundings.of(new ReadableActivations(), "1.2.3"),
        broker.time());
  }

  @AfterEach
  void close() {
    serverA.close();
    serverB.close();
    a.close();
    b.close();
  }

  private int run(String... words) {
    return runAt(List.of("--broker", "http://" + nameA, "--broker", "http://" + nameB), words);
  }

  private int runAt(List<String> brokers, String... words) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = TaskbrokerCommand.line(Map.of());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(brokers);
    return line.execute(all.toArray(String[]::new));
  }

  private static void produce(BrokerFixture broker, Activations... tasks) {
    int before = stored(broker);
    broker.produce(tasks);
    broker.await("the tasks", () -> stored(broker) == before + tasks.length);
  }

  private static int stored(BrokerFixture broker) {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  private static int pauses(BrokerFixture broker) {
    return broker.broker().operations().pauses().size();
  }

  @Test
  void eachRow_namesItsBroker() {
    produce(a, pending("1").application("shop"), pending("2").application("shop"));
    produce(b, pending("3").application("shop"));

    assertThat(run("tasks")).isZero();
    assertThat(out.toString().lines())
        .hasSize(4)
        .anySatisfy(line -> assertThat(line).matches("broker +id +application .*"))
        .anySatisfy(line -> assertThat(line).matches(nameA + " +1 +shop .*"))
        .anySatisfy(line -> assertThat(line).matches(nameB + " +3 +shop .*"));
    assertThat(run("tasks", "--limit", "2")).isZero();
    assertThat(out.toString().lines().filter(line -> line.contains("shop"))).hasSize(2);
    assertThat(out.toString()).contains("There may be more");
    assertThat(run("queues")).isZero();
    assertThat(out.toString()).containsPattern(nameB + " +shop .* 1 +0");
    assertThat(run("why")).isZero();
    assertThat(out.toString()).contains(nameB + ": Application 'shop': 1 task waits");
    assertThat(run("status")).isZero();
    assertThat(out.toString())
        .containsPattern(nameA + " +ready +2 ")
        .containsPattern(nameB + " +ready +1 ")
        .containsPattern("pending +3");
    assertThat(run("task", "3")).isZero();
    assertThat(out.toString()).containsPattern("broker +" + nameB);
    assertThat(run("task", "4")).isEqualTo(1);
    assertThat(run("tasks", "--json")).isZero();
    assertThat(out.toString()).startsWith("{").contains("\"broker\" : \"" + nameB + "\"");
  }

  @Test
  void anOrder_goesToEach_andTellsWhatEachDid() {
    produce(a, pending("1").application("shop"));
    produce(b, pending("2").application("shop"), pending("3").application("bank"));
    String both = "http://%s,http://%s".formatted(nameA, nameB);

    assertThat(runAt(List.of("--broker", both), "cancel", "--application", "shop")).isZero();
    assertThat(out.toString()).contains("2 tasks would be cancelled", "Add --yes");
    assertThat(run("cancel", "--application", "shop", "--yes", "--reason", "a test")).isZero();
    assertThat(out.toString())
        .contains("2 tasks were cancelled", nameA + ": done", nameB + ": done");
    assertThat(stored(a)).isZero();
    assertThat(stored(b)).isEqualTo(1);

    assertThat(run("cancel", "3")).isZero();
    assertThat(out.toString())
        .contains("Task '3'", nameA + ": nothing of that is there", nameB + ": done");
    assertThat(run("cancel", "unknown")).isEqualTo(1);
    assertThat(run("audit")).isZero();
    assertThat(out.toString()).containsPattern(nameB + " .*a test");
  }

  @Test
  void aDrain_hasEndedOnceAllAreEmpty() {
    produce(b, pending("1"));

    assertThat(run("drain", "--yes", "--reason", "a deploy")).isZero();
    a.await("a to be empty", () -> a.broker().draining().sight().orElseThrow().isEmpty());
    assertThat(run("drain", "--wait-seconds", "1")).isEqualTo(1);
    assertThat(out.toString())
        .contains(nameA + ": Drained: nothing is stored")
        .contains(nameB + ": Draining: 1 waits for a worker");

    b.report(b.take(), Conclusion.COMPLETE);
    assertThat(run("drain", "--wait-seconds", "60")).isZero();
    assertThat(out.toString()).contains(nameB + ": Drained: nothing is stored");
  }

  @Test
  void anOrderThatFailsAtOne_endsWith1_andNamesIt() {
    serverB.close();

    assertThat(run("pause", "--application", "shop", "--yes")).isEqualTo(1);
    assertThat(out.toString())
        .contains("Paused: application 'shop'")
        .contains(nameB + ": no admin API answers at http://" + nameB)
        .contains(nameA + ": done");
    assertThat(pauses(a)).isEqualTo(1);
    assertThat(pauses(b)).isZero();
    assertThat(run("status")).isEqualTo(1);
    assertThat(out.toString()).containsPattern(nameB + " +no answer").contains(nameA + "  ready");
  }

  @Test
  void anOrderThatOneRefuses_endsWith1_andNamesIt() {
    try (AdminServer strict = serve(b, AdminRole.VIEWER)) {
      String url = "http://127.0.0.1:" + strict.port();
      List<String> brokers = List.of("--broker", url, "--broker", "http://" + nameA);

      assertThat(runAt(brokers, "pause", "--application", "shop", "--yes")).isEqualTo(1);
      assertThat(out.toString())
          .contains("127.0.0.1:%d: This takes the role operator".formatted(strict.port()))
          .contains(nameA + ": done");
      assertThat(pauses(b)).isZero();
    }
  }

  @Test
  void whatNobodyDoes_isRefusedByEach() {
    assertThat(run("resume", "--application", "shop")).isEqualTo(1);
    assertThat(err.toString())
        .contains(nameA + ": No pause of exactly these names is in force; " + nameB + ": No pause");
    assertThat(runAt(List.of("--broker", "nonsense"), "status")).isEqualTo(1);
    assertThat(err.toString()).contains("'nonsense' cannot be called");
  }
}
