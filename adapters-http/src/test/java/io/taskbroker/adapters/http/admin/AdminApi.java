package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.delayed;

import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.application.operations.TaskReader;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainTask;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;

/**
 * What the tests of the admin API have in common: a broker, and a client before it that holds each
 * answer to openapi.json.
 */
abstract class AdminApi {
  static final AdminSettings OPEN =
      new AdminSettings(
          "127.0.0.1",
          0,
          64,
          List.of(),
          Optional.of(AdminRole.ADMIN),
          List.of(),
          AdminRole.OPERATOR);

  /** Takes a payload for the one argument, in JSON. */
  static final TaskReader PLAIN =
      payload ->
          new TaskContents(
              Map.of("trace", "abc"),
              1,
              5,
              "JSON",
              payload.length,
              null,
              new String(PlainTask.decode(payload).orElseThrow().body(), StandardCharsets.UTF_8),
              null);

  final BrokerFixture broker = BrokerFixture.start();
  final AdminServer server =
      AdminServer.start(OPEN, broker.broker(), Surroundings.of(PLAIN, "1.2.3"), broker.time());
  final AdminClient client = new AdminClient(server.port());

  @AfterEach
  final void close() {
    server.close();
    broker.close();
  }

  final void produce(Activations... tasks) {
    broker.produce(tasks);
    broker.await("the tasks", () -> stored() == tasks.length);
  }

  final int stored() {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  static Activations far(String id) {
    return delayed(id, io.taskbroker.testkit.SettableTime.START.wallMs() + 600_000);
  }

  final List<Object> ids(String query) {
    return client.get("/api/v1/tasks" + query).list("tasks").stream()
        .map(task -> task.get("id"))
        .toList();
  }

  final String whyOf(String id) {
    return ""
        + client.get("/api/v1/why?id=" + id).list("explanations").stream()
            .map(one -> one.get("why"))
            .toList();
  }
}
