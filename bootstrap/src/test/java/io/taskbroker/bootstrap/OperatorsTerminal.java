package io.taskbroker.bootstrap;

import static io.taskbroker.testkit.Activations.delayed;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.ShownSetting;
import io.taskbroker.adapters.http.admin.Surroundings;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.letters.Resending;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.InMemoryLogLevels;
import io.taskbroker.testkit.broker.PlainLetters;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import io.taskbroker.testkit.topics.ShownTopics;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import picocli.CommandLine;

/**
 * What the tests of operators' commands have in common: a broker with an admin API, and a command
 * line before it.
 */
abstract class OperatorsTerminal {
  static final AdminSettings SETTINGS =
      new AdminSettings(
          "127.0.0.1",
          0,
          64,
          List.of(),
          Optional.of(AdminRole.ADMIN),
          List.of(),
          AdminRole.OPERATOR);

  final BrokerFixture broker = BrokerFixture.start();
  final DeadLetterDesk desk =
      new DeadLetterDesk(
          new InMemoryDeadLetters(
              broker.topics(), BrokerFixture.DEAD_LETTERS, new InMemoryDeadLetters.Shelf()),
          new Resending(BrokerFixture.DEAD_LETTERS, Map.of(), "again", new PlainLetters()),
          broker.broker().operations(),
          broker.time(),
          SystemThreads.INSTANCE);
  final ShownTopics topics = new ShownTopics();
  final AdminServer server = AdminServer.start(SETTINGS, broker.broker(), around(), broker.time());
  final int port = server.port();
  final StringWriter out = new StringWriter();
  final StringWriter err = new StringWriter();

  final Surroundings around() {
    return new Surroundings(
        Optional.of(desk),
        topics,
        () -> new RulesOrigin("rules.yml", SettableTime.START.wallMs(), null),
        List.of(
            new ShownSetting("Store", "store.path", "/data", "tasks.sqlite", true, "b.yml:3", ""),
            new ShownSetting("Store", "store.sync", "true", "true", false, "default", "")),
        new InMemoryLogLevels(),
        payload ->
            new TaskContents(
                Map.of("trace", "00-7c1f-01"),
                0,
                1,
                "JSON",
                payload.length,
                null,
                new String(PlainTask.decode(payload).orElseThrow().body(), UTF_8),
                null),
        "1.2.3");
  }

  @AfterEach
  final void close() {
    server.close();
    desk.close();
    broker.close();
  }

  final int run(String... words) {
    return runAt(port, words);
  }

  final int runAt(int port, String... words) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = TaskbrokerCommand.line(Map.of());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> all = new ArrayList<>(List.of(words));
    all.add("--broker");
    all.add("http://127.0.0.1:" + port);
    return line.execute(all.toArray(String[]::new));
  }

  final void produce(Activations... tasks) {
    int before = stored();
    broker.produce(tasks);
    broker.await("the tasks", () -> stored() == before + tasks.length);
  }

  final int stored() {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  static Activations far(String id) {
    return delayed(id, SettableTime.START.wallMs() + 600_000);
  }
}
