package io.taskbroker.adapters.http.admin;

import static io.taskbroker.adapters.http.admin.AdminClient.encoded;
import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.domain.Conclusion;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people see of a broker and its tasks. */
class AdminApiTest extends AdminApi {
  @Test
  @SuppressWarnings("unchecked")
  void whatIsServed_isWhatTheDocumentSays() {
    Map<String, Map<String, Object>> paths =
        (Map<String, Map<String, Object>>) AdminClient.contract().getOrDefault("paths", Map.of());
    var documented = new TreeSet<String>();
    paths.forEach(
        (path, methods) ->
            methods
                .keySet()
                .forEach(method -> documented.add(method.toUpperCase(Locale.ROOT) + " " + path)));
    documented.remove("POST " + AdminHandler.SESSION_END); // for those who have no session, too

    assertThat(server.served()).containsExactlyElementsOf(documented);
    assertThat(client.get("/api/v1/openapi.json").body()).isEqualTo(AdminClient.contract());
  }

  @ParameterizedTest
  @ValueSource(strings = {"null", "[]", "7", "{", "{\"reason\": null}", "{\"x\": null}"})
  void aBodyThatIsNoObject_orHasNulls_isRefused(String body) {
    for (String order : List.of("/api/v1/tasks/cancel", "/api/v1/pauses", "/api/v1/session")) {
      Answer answer = client.with("Content-Type", "application/json").call("POST", order, body);

      assertThat(answer.status()).as(order).isEqualTo(400);
      assertThat(String.valueOf(answer.body().get("detail"))).containsPattern("JSON object|null");
    }
  }

  @Test
  void status_tellsHowTheBrokerIs() {
    produce(pending("a"), pending("b"), far("later"));
    broker.take();

    Answer status = client.get("/api/v1/status");

    assertThat(status.body()).containsEntry("version", "1.2.3").containsEntry("ready", true);
    assertThat(status.object("tasks"))
        .containsEntry("pending", 1)
        .containsEntry("processing", 1)
        .containsEntry("delayed", 1);
    broker.broker().drain();
    assertThat(client.get("/api/v1/status").body())
        .containsEntry("ready", false)
        .containsEntry("why_not_ready", "the broker is stopping");
  }

  @Test
  void paces_tellHowLongTasksWaitedAndRan_andWhatComesAndGoes() {
    client.get("/api/v1/paces");
    produce(pending("a"), pending("b"), pending("c"));
    broker.time().advance(Duration.ofSeconds(6));
    client.get("/api/v1/paces");
    broker.report(broker.take(), Conclusion.COMPLETE);
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("their ends", () -> broker.broker().vitals().flow().ended() == 2);
    broker.time().advance(Duration.ofSeconds(6));

    Answer answer = client.get("/api/v1/paces");

    assertThat(answer.list("tasks"))
        .singleElement()
        .satisfies(
            pace ->
                assertThat(pace)
                    .containsEntry("task", "send_receipt")
                    .containsEntry("ended", 2)
                    .containsEntry("failed", 1)
                    .containsEntry("run", Map.of("times", 1, "p50_ms", 0, "p99_ms", 0)));
    assertThat(answer.list("applications"))
        .singleElement()
        .satisfies(
            flow ->
                assertThat(flow)
                    .containsEntry("application", "shop")
                    .containsEntry("waiting", 1)
                    .doesNotContainKey("drain_seconds"));
    assertThat(client.get("/api/v1/paces?limit=0").status()).isEqualTo(400);
  }

  @Test
  void upcoming_areTheDelayedOnes_theNextFirst() {
    long start = io.taskbroker.testkit.SettableTime.START.wallMs();
    produce(
        delayed("in 3 h", start + Duration.ofHours(3).toMillis()),
        pending("now"),
        far("in 10 min"));

    Answer answer = client.get("/api/v1/upcoming");

    assertThat(answer.list("upcoming"))
        .extracting(task -> task.get("id"))
        .containsExactly("in 10 min", "in 3 h");
    assertThat(answer.body())
        .containsEntry("within_the_hour", 1)
        .containsEntry("later", 1)
        .containsEntry("retry", 0);
    assertThat(client.get("/api/v1/upcoming?limit=1").list("upcoming")).hasSize(1);
  }

  @Test
  void stalls_areTold_withTheRemedy() {
    broker.broker().stalls().begin("Intake of topic \"x\"", "Kafka is away", "Look at Kafka.");

    assertThat(client.get("/api/v1/why").list("explanations"))
        .singleElement()
        .satisfies(
            stall ->
                assertThat(stall)
                    .containsEntry("what", "Intake of topic \"x\"")
                    .containsEntry("why", "Kafka is away")
                    .containsEntry("remedy", "Look at Kafka.")
                    .containsKey("since"));
    assertThat(client.get("/api/v1/status").list("stalled")).hasSize(1);
  }

  @Test
  void queues_areCounted_inPieces() {
    produce(
        pending("a").application("shop").namespace("n").taskname("mail"),
        pending("b").application("shop").namespace("n").taskname("mail"),
        far("c").application("shop").namespace("n").taskname("pay"));

    Answer first = client.get("/api/v1/queues?limit=1");
    Answer second =
        client.get("/api/v1/queues?limit=1&after=" + encoded("" + first.body().get("next")));

    assertThat(first.list("queues"))
        .containsExactly(
            Json.object(
                "application", "shop",
                "namespace", "n",
                "task", "mail",
                "states", Map.of("pending", 2),
                "oldest_pending_seconds", 0));
    assertThat(second.list("queues"))
        .singleElement()
        .satisfies(queue -> assertThat(queue).containsEntry("states", Map.of("delayed", 1)));
    assertThat(client.get("/api/v1/queues").body()).doesNotContainKey("next");
    assertThat(client.get("/api/v1/queues?after=rubbish").status()).isEqualTo(400);
  }

  @Test
  void tasks_areFiltered_andComeInPieces() {
    produce(
        pending("one").application("shop").taskname("mail"),
        pending("two").application("shop").taskname("pay"),
        pending("three").application("bank").taskname("pay"),
        far("four").application("shop").taskname("pay"));

    assertThat(ids("?application=shop&task=pay")).containsExactlyInAnyOrder("two", "four");
    assertThat(ids("?state=delayed")).containsExactly("four");
    assertThat(ids("?id_part=re")).containsExactly("three");
    broker.time().advance(Duration.ofSeconds(10));
    assertThat(ids("?older_than_seconds=10&application=bank")).containsExactly("three");
    assertThat(ids("?older_than_seconds=11")).isEmpty();
    assertThat(client.get("/api/v1/tasks?older_than_seconds=-1").status()).isEqualTo(400);
    List<Object> pieces = new ArrayList<>();
    Object next = 0;
    while (next != null) {
      Answer piece = client.get("/api/v1/tasks?limit=3&after=" + next);
      piece.list("tasks").forEach(task -> pieces.add(task.get("id")));
      next = piece.body().get("next");
    }
    assertThat(pieces).containsExactlyInAnyOrder("one", "two", "three", "four");
  }

  @Test
  void aMisspeltFilter_isRefused_sinceItWouldFindEverything() {
    assertThat(client.get("/api/v1/tasks?aplication=shop").body())
        .containsEntry("status", 400)
        .extractingByKey("detail")
        .asString()
        .contains("'aplication'", "application, namespace, task, state, id_part");
    assertThat(client.get("/api/v1/tasks?state=Pending").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/tasks?limit=1001").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/tasks?limit=1&limit=2").status()).isEqualTo(400);
    assertThat(
            client
                .post("/api/v1/tasks/cancel", "filter", Map.of("aplication", "shop"))
                .body()
                .get("detail"))
        .asString()
        .contains("'aplication'");
  }

  @Test
  void aTask_isFound_whateverItsIdIs() {
    String id = "a/b?c=ü&%2F \"x\"";
    produce(pending(id).application("shop").payload("hello".getBytes(StandardCharsets.UTF_8)));

    Answer found = client.get("/api/v1/task?id=" + encoded(id));

    assertThat(found.object("task")).containsEntry("id", id).containsEntry("state", "pending");
    Answer payload = client.get("/api/v1/payload?id=" + encoded(id));
    assertThat(Base64.getDecoder().decode("" + payload.body().get("activation"))).isNotEmpty();
    assertThat(client.get("/api/v1/task?id=unknown").status()).isEqualTo(404);
    assertThat(client.get("/api/v1/task").status()).isEqualTo(400);
  }

  @Test
  void why_namesWhatHoldsATaskUp() {
    produce(pending("a").application("shop"), far("later").application("bank"));

    assertThat(whyOf("a")).contains("no worker has asked for application 'shop'");
    assertThat(whyOf("later")).contains("its delay is over in 10 min");
    client.post("/api/v1/pauses", "application", "shop", "reason", "a deploy");
    assertThat(whyOf("a")).contains("paused by local, because: a deploy");
    assertThat(client.get("/api/v1/why").list("explanations"))
        .extracting(one -> one.get("kind"))
        .as("no worker is missed while it is paused")
        .containsExactly("pause");
    client.post("/api/v1/pauses/end", "application", "shop");
    broker.take();
    assertThat(whyOf("a")).contains("a worker has it, and must report by");
  }

  @Test
  void arguments_areMasked_untilSomebodyAsksForThem_whoIsInTheAudit() {
    produce(
        pending("a")
            .payload("{\"to\": \"ann\", \"n\": [12, true]}".getBytes(StandardCharsets.UTF_8)));

    Answer masked = client.get("/api/v1/arguments?id=a");
    Answer shown = client.post("/api/v1/arguments", "id", "a", "reason", "a complaint");

    assertThat(masked.body())
        .containsEntry("masked", true)
        .containsEntry("headers", Map.of("trace", "text, 3 characters"))
        .containsEntry("most_tries", 5)
        .containsEntry(
            "arguments",
            """
            {
              "to": text, 3 characters,
              "n": [
                number, 2 characters,
                true or false
              ]
            }\
            """);
    assertThat(shown.body())
        .containsEntry("masked", false)
        .containsEntry("headers", Map.of("trace", "abc"))
        .extractingByKey("arguments")
        .asString()
        .contains("\"to\": \"ann\"", "12");
    assertThat(client.get("/api/v1/audit").list("audit"))
        .singleElement()
        .satisfies(
            entry ->
                assertThat(entry)
                    .containsEntry("order", "show the arguments of task 'a'")
                    .containsEntry("reason", "a complaint"));
    assertThat(client.get("/api/v1/arguments?id=unknown").status()).isEqualTo(404);
  }

  @Test
  void theRecentPast_hasWhatPassedThrough() {
    produce(pending("a"), pending("b"));
    broker.report(broker.take(), Conclusion.COMPLETE);

    broker.await(
        "the tasks to be counted",
        () -> {
          Map<String, Object> flow = client.get("/api/v1/status").object("flow");
          return Integer.valueOf(1).equals(flow.get("ended"))
              && Integer.valueOf(2).equals(flow.get("received"));
        });
    broker.await("a sample", () -> !client.get("/api/v1/history").list("samples").isEmpty());
    assertThat(client.get("/api/v1/history").list("samples"))
        .first()
        .satisfies(sample -> assertThat(sample).containsKeys("at", "tasks", "flow"));
  }
}
