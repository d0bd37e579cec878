package io.taskbroker.adapters.http.admin;

import static io.taskbroker.adapters.http.admin.AdminClient.encoded;
import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.operations.TaskContents;
import io.taskbroker.application.operations.TaskReader;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What people see of a broker, and do to it. Each answer is held to openapi.json. */
class AdminApiTest {
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

  private final BrokerFixture broker = BrokerFixture.start();
  private final AdminServer server =
      AdminServer.start(OPEN, broker.broker(), Surroundings.of(PLAIN, "1.2.3"), broker.time());
  private final AdminClient client = new AdminClient(server.port());

  @AfterEach
  void close() {
    server.close();
    broker.close();
  }

  private void produce(Activations... tasks) {
    broker.produce(tasks);
    broker.await("the tasks", () -> stored() == tasks.length);
  }

  private int stored() {
    return broker.broker().operations().tasks().list(TaskFilter.ANY, 0, 1_000).tasks().size();
  }

  private static Activations far(String id) {
    return delayed(id, io.taskbroker.testkit.SettableTime.START.wallMs() + 600_000);
  }

  private List<Object> ids(String query) {
    return client.get("/api/v1/tasks" + query).list("tasks").stream()
        .map(task -> task.get("id"))
        .toList();
  }

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

  private String whyOf(String id) {
    return ""
        + client.get("/api/v1/why?id=" + id).list("explanations").stream()
            .map(one -> one.get("why"))
            .toList();
  }

  @Test
  void anApplication_isShownWithWhenItWasLastAskedFor() {
    Duration hour = Duration.ofHours(1); // or the one that is taken comes back meanwhile
    produce(
        pending("a").application("shop").deadline(hour),
        pending("b").application("shop").deadline(hour));
    broker.take();
    broker.await("the count without it", () -> broker.broker().vitals().depths().pending() == 1);
    broker.time().advance(Duration.ofSeconds(7));

    assertThat(client.get("/api/v1/applications").list("applications"))
        .containsExactly(
            Json.object(
                "application",
                "shop",
                "pending",
                1,
                "oldest_pending_seconds",
                7,
                "last_asked_seconds_ago",
                7,
                "lacks_workers",
                false));

    broker.time().advance(Duration.ofSeconds(55));
    assertThat(client.get("/api/v1/applications").list("applications"))
        .as("no worker has asked for a minute")
        .containsExactly(
            Json.object(
                "application",
                "shop",
                "pending",
                1,
                "oldest_pending_seconds",
                62,
                "last_asked_seconds_ago",
                62,
                "lacks_workers",
                true));
  }

  @Test
  void workersThatAreCalled_areShown_withWhyTheyTakeNothing() {
    assertThat(client.get("/api/v1/called-workers").body())
        .isEqualTo(Map.of("called_workers", List.of()));
    InMemoryWorkers workers = InMemoryWorkers.of("shop");
    workers.answer("shop", new WorkerGateway.Answer.Refused("away"));
    try (BrokerFixture calling = BrokerFixture.builder().workers(workers).start();
        AdminServer own =
            AdminServer.start(
                OPEN, calling.broker(), Surroundings.of(PLAIN, "1"), calling.time())) {
      calling.produce(pending("a").application("shop"));
      calling.await("a push to be refused", () -> !calling.broker().stalls().current().isEmpty());

      assertThat(new AdminClient(own.port()).get("/api/v1/called-workers").list("called_workers"))
          .containsExactly(
              Json.object(
                  "application",
                  "shop",
                  "address",
                  "in-memory:1",
                  "connections",
                  1,
                  "resting",
                  1,
                  "under_way",
                  0,
                  "trouble",
                  "away"));
    }
  }

  @Test
  void workers_areShown_withWhatTheyHave_inPieces() {
    assertThat(client.get("/api/v1/workers").body()).isEqualTo(Map.of("workers", List.of()));
    produce(pending("a"), pending("b"));
    broker.takeAs("10.0.0.5:41234");
    broker.time().advance(Duration.ofSeconds(7));
    broker.report(broker.takeAs("10.0.0.6:50000"), Conclusion.COMPLETE);

    broker.broker().dispatch().programs().tells("10.0.0.5:41234", "mail-worker/2.7.1");
    broker.broker().dispatch().departed().went("10.0.0.6:50000", broker.time().now().wallMs());

    Answer first = client.get("/api/v1/workers?limit=1");

    assertThat(first.list("workers"))
        .containsExactly(
            Json.object(
                "worker",
                "10.0.0.5:41234",
                "program",
                "mail-worker/2.7.1",
                "asks_for",
                List.of(Map.of()),
                "called_at",
                "2026-03-02T12:00:00Z",
                "asked_at",
                "2026-03-02T12:00:00Z",
                "holds",
                1,
                "holds_since",
                "2026-03-02T12:00:00Z"));
    assertThat(
            client.get("/api/v1/workers?limit=1&after=" + first.body().get("next")).list("workers"))
        .singleElement()
        .satisfies(
            worker ->
                assertThat(worker)
                    .containsEntry("worker", "10.0.0.6:50000")
                    .containsEntry("holds", 0)
                    .containsEntry("reported_at", "2026-03-02T12:00:07Z")
                    .containsEntry("gone_at", "2026-03-02T12:00:07Z")
                    .doesNotContainKey("holds_since"));
    assertThat(client.get("/api/v1/workers?limit=0").status()).isEqualTo(400);
  }

  @Test
  void aTask_tellsWhoHasIt_andWhoHadIt() {
    produce(pending("a"));
    Delivered task = broker.takeAs("10.0.0.5:41234");

    assertThat(client.get("/api/v1/task?id=a").object("task"))
        .containsEntry("worker", "10.0.0.5:41234")
        .containsEntry("handed_out_at", "2026-03-02T12:00:00Z")
        .containsKey("with_worker_until");
    assertThat(whyOf("a")).contains("worker 10.0.0.5:41234 has it, and must report by");
    broker.report(task, Conclusion.COMPLETE);
    assertThat(client.get("/api/v1/task?id=a").object("task"))
        .containsEntry("state", "complete")
        .containsEntry("worker", "10.0.0.5:41234");
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

  // ---------------------------------------------------------------- what is over

  @Test
  void aTaskThatHasEnded_isFound_withHowItEnded() {
    produce(pending("a"));
    broker.report(broker.take(), Conclusion.COMPLETE);
    produce(pending("b").application("bank"));
    client.post("/api/v1/tasks/cancel", "id", "b");

    Answer a = client.get("/api/v1/task?id=a");
    assertThat(a.object("task"))
        .containsEntry("state", "complete")
        .containsEntry("outcome", "completed")
        .containsKeys("handed_out_at", "ended_at");
    assertThat(whyOf("a")).contains("it is over: it was completed");
    assertThat(ids("?state=complete")).containsExactly("b", "a");
    assertThat(ids("?state=complete&outcome=cancelled")).containsExactly("b");
    assertThat(ids("?state=complete&application=bank&limit=1")).containsExactly("b");
    Answer first = client.get("/api/v1/tasks?state=complete&limit=1");
    assertThat(ids("?state=complete&after=" + first.body().get("next"))).containsExactly("a");
    assertThat(client.get("/api/v1/tasks?outcome=cancelled").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/tasks?state=complete&outcome=lost").status()).isEqualTo(400);
  }

  @Test
  void aTaskThatEndedAsADeadLetter_isNotToldAsFine() {
    produce(pending("a").deadLettered());
    broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("the end", () -> broker.broker().operations().tasks().findEnded("a").isPresent());

    assertThat(client.get("/api/v1/why?id=a").list("explanations"))
        .singleElement()
        .extracting(one -> one.get("remedy"))
        .asString()
        .contains("Mend the cause", "dead-letters show ID");
    assertThat(whyOf("a")).endsWith("its dead letter is in Kafka]");

    broker.broker().operations().sentAgain().sent("a", "a-again");
    assertThat(whyOf("a"))
        .endsWith("its dead letter is in Kafka, and was sent again as task 'a-again']");
    assertThat(client.get("/api/v1/why?id=a-again").status()).isEqualTo(404);
  }

  @Test
  void aTaskOfWhichAnEarlierProcessHadTheEnd_isFoundByTheOneThatItBecame() {
    broker.broker().operations().sentAgain().sent("old", "new");

    assertThat(whyOf("old"))
        .isEqualTo("[it is over: its dead letter was sent again as task 'new']");
    assertThat(client.get("/api/v1/task?id=old").status()).isEqualTo(404);
  }

  @Test
  void aFailedTask_isKept_andCanBeTriedAgain() {
    produce(pending("a"));
    broker.report(broker.take(), Conclusion.FAILURE);
    broker.await("the end", () -> broker.broker().operations().tasks().findEnded("a").isPresent());

    Answer failed = client.get("/api/v1/tasks?state=failed");
    assertThat(failed.list("tasks")).hasSize(1);
    assertThat(whyOf("a")).contains("a worker reported that it failed");
    assertThat(client.get("/api/v1/status").object("tasks")).containsEntry("failed", 1);
    assertThat(ids("?state=complete")).as("it is listed once").isEmpty();

    assertThat(client.post("/api/v1/tasks/requeue", "id", "a").status()).isEqualTo(200);
    assertThat(client.get("/api/v1/status").object("tasks")).containsEntry("failed", 0);
    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
  }

  // ---------------------------------------------------------------- orders

  @Test
  void anOrder_isCarriedOut_andInTheAudit() {
    produce(far("a"));

    Answer done = client.post("/api/v1/tasks/run-now", "id", "a", "reason", "a customer waits");

    assertThat(done.body()).containsEntry("verdict", "done");
    assertThat(broker.take().claim().activation().id()).isEqualTo("a");
    assertThat(client.get("/api/v1/audit").list("audit"))
        .singleElement()
        .satisfies(
            entry ->
                assertThat(entry)
                    .containsEntry("actor", "local")
                    .containsEntry("order", "run now task 'a'")
                    .containsEntry("reason", "a customer waits"));
  }

  @Test
  void whatCannotBeDone_isRefused_withAReason() {
    produce(pending("a").atMostOnce());
    broker.take();

    Answer refused = client.post("/api/v1/tasks/give-back", "id", "a");

    assertThat(refused.body())
        .containsEntry("status", 409)
        .extractingByKey("detail")
        .asString()
        .contains("runs at most once");
    assertThat(client.post("/api/v1/tasks/cancel", "id", "unknown").status()).isEqualTo(404);
    assertThat(client.post("/api/v1/tasks/cancel").status()).isEqualTo(400);
    assertThat(client.post("/api/v1/tasks/cancel", "id", "a", "filter", Map.of()).status())
        .isEqualTo(400);
  }

  @Test
  void anOrderAboutMany_isADryRun_unlessItIsSaidOtherwise() {
    produce(
        pending("a").application("shop"),
        pending("b").application("shop"),
        pending("c").application("bank"));
    Map<String, Object> shop = Map.of("application", "shop");

    Answer dry = client.post("/api/v1/tasks/cancel", "filter", shop);
    int storedAfterDryRun = stored();
    Answer done = client.post("/api/v1/tasks/cancel", "filter", shop, "dry_run", false);

    assertThat(dry.body())
        .containsEntry("dry_run", true)
        .containsEntry("verdicts", Map.of("done", 2));
    assertThat(storedAfterDryRun).isEqualTo(3);
    assertThat(done.body())
        .containsEntry("dry_run", false)
        .containsEntry("verdicts", Map.of("done", 2))
        .containsEntry("is_last", true);
    assertThat(ids("")).containsExactly("c");
  }

  @Test
  void aPause_holdsBackWhatItNames_untilItEnds() {
    produce(pending("a").application("shop"));

    Answer paused = client.post("/api/v1/pauses", "application", "shop", "for_seconds", 60);

    assertThat(paused.body()).containsEntry("by", "local").containsKey("until");
    assertThat(broker.next()).isEmpty();
    assertThat(client.get("/api/v1/pauses").list("pauses")).containsExactly(paused.body());
    assertThat(client.post("/api/v1/pauses/end", "application", "bank").status()).isEqualTo(404);
    assertThat(client.post("/api/v1/pauses/end", "application", "shop").body())
        .containsEntry("resumed", true);
    assertThat(broker.report(broker.take(), Conclusion.COMPLETE)).isTrue();
    assertThat(client.post("/api/v1/pauses", "reason", "all of it").status()).isEqualTo(400);
  }

  @Test
  void aDrain_isOrdered_followed_andEnded() {
    produce(pending("a"));
    assertThat(client.get("/api/v1/drain").body()).isEmpty();
    assertThat(client.get("/api/v1/status").body()).doesNotContainKey("drain");
    assertThat(client.post("/api/v1/drain/end").status()).isEqualTo(404);

    Answer drain = client.post("/api/v1/drain", "reason", "a deploy");

    assertThat(drain.body())
        .containsEntry("by", "local")
        .containsEntry("reason", "a deploy")
        .containsEntry("exit_when_empty", false)
        .containsEntry("is_empty", false);
    assertThat(String.valueOf(drain.body().get("left"))).startsWith("1 waits for a worker");
    assertThat(client.get("/api/v1/status").body()).containsEntry("ready", true);
    assertThat(broker.report(broker.take(), Conclusion.COMPLETE)).isTrue();
    broker.await("it to be empty", () -> isDrained(client.get("/api/v1/drain")));
    Answer status = client.get("/api/v1/status");
    assertThat(isDrained(status)).isTrue();
    assertThat(status.body())
        .containsEntry("ready", false)
        .containsEntry("why_not_ready", "drained: nothing is stored, and no topic is read");
    assertThat(client.get("/api/v1/why").list("explanations"))
        .singleElement()
        .satisfies(one -> assertThat(one).containsEntry("kind", "drain"));
    assertThat(client.post("/api/v1/drain/end", "reason", "done").body())
        .containsEntry("ended", true);
    assertThat(client.post("/api/v1/drain", "exit", true).status()).isEqualTo(400);
    assertThat(client.get("/api/v1/audit").list("audit"))
        .extracting(entry -> entry.get("order"))
        .containsExactly("end the drain", "drain", "end the drain");
  }

  @Test
  void parkedRows_areListed_retried_andDropped() {
    broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "larger than the topic takes");
    produce(pending("a").deadLettered(), pending("b").deadLettered(), pending("c").deadLettered());
    for (int i = 0; i < 3; i++) {
      broker.report(broker.take(), Conclusion.FAILURE);
    }
    broker.await("them to be parked", () -> broker.broker().vitals().depths().parked() == 3);

    List<Map<String, Object>> parked = client.get("/api/v1/parked").list("parked");

    assertThat(parked).extracting(row -> row.get("id")).containsExactlyInAnyOrder("a", "b", "c");
    assertThat(parked.getFirst())
        .containsEntry("leaves_as", "dead_letter")
        .containsEntry("task", pending("a").build().taskname());
    assertThat(String.valueOf(parked.getFirst().get("reason")))
        .contains("larger than the topic takes");
    Object first = requireNonNull(parked.getFirst().get("key"));
    String dropped = "('%s')".formatted(parked.getFirst().get("id"));
    Answer piece = client.get("/api/v1/parked?limit=1");
    assertThat(piece.list("parked")).hasSize(1);
    assertThat(client.get("/api/v1/parked?after=" + piece.body().get("next")).list("parked"))
        .hasSize(2);
    assertThat(client.post("/api/v1/parked/drop", "key", first).body())
        .containsEntry("verdict", "done");
    assertThat(client.post("/api/v1/parked/drop", "key", 99_999).status()).isEqualTo(404);
    assertThat(client.post("/api/v1/parked/retry").status()).isEqualTo(400);
    assertThat(client.post("/api/v1/parked/retry", "all", true).body())
        .containsEntry("dry_run", true)
        .containsEntry("verdicts", Map.of("done", 2));
    assertThat(broker.tasksIn(BrokerFixture.DEAD_LETTERS)).isEmpty();

    broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    assertThat(
            client
                .post("/api/v1/parked/retry", "all", true, "dry_run", false, "reason", "mended")
                .body())
        .containsEntry("verdicts", Map.of("done", 2))
        .containsEntry("is_last", true);
    broker.await("the two", () -> broker.tasksIn(BrokerFixture.DEAD_LETTERS).size() == 2);
    assertThat(client.get("/api/v1/parked").list("parked")).isEmpty();
    assertThat(client.get("/api/v1/audit").list("audit"))
        .extracting(entry -> entry.get("order") + ": " + entry.get("result"))
        .satisfies(
            orders -> assertThat(orders.getFirst()).isEqualTo("retry all parked rows: done: 2"))
        .satisfies(
            orders -> assertThat(orders.getLast()).contains("drop parked row", dropped, "done"));
  }

  private static boolean isDrained(Answer answer) {
    return Boolean.TRUE.equals(answer.object("drain").get("is_empty"));
  }
}
