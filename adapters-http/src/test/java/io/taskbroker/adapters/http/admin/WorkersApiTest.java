package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.push.WorkerGateway;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What people see of workers, and of who asks for what. */
class WorkersApiTest extends AdminApi {
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
}
