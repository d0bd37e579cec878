package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people do to a broker. */
class OrdersApiTest extends AdminApi {
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
