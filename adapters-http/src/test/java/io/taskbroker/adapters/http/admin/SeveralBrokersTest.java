package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What three brokers show together, and do together. */
class SeveralBrokersTest extends ThreeBrokers {
  @Test
  void looks_areShownTogether_andEachRowNamesItsBroker() {
    produce(a, pending("1").application("shop"));
    produce(b, pending("2").application("shop"), pending("3").application("bank"));

    Answer status = client.get("/api/v1/all/status");

    assertThat(status.object("tasks")).containsEntry("pending", 3);
    assertThat(status.list("brokers"))
        .extracting(one -> one.get("broker"))
        .containsExactly("a", "b", "c");
    assertThat((Map<?, ?>) of(status, "b").get("tasks")).extracting("pending").isEqualTo(2);
    assertThat(told(client.get("/api/v1/all/queues"), "queues", "application"))
        .containsExactly("b bank", "a shop", "b shop");
    assertThat(told(client.get("/api/v1/all/why"), "explanations", "what"))
        .containsExactlyInAnyOrder(
            "a Application 'shop'", "b Application 'shop'", "b Application 'bank'");
    assertThat(client.get("/api/v1/all/task?id=3").object("task"))
        .containsEntry("broker", "b")
        .containsEntry("application", "bank");
    assertThat(client.get("/api/v1/all/task?id=4").status()).isEqualTo(404);
    assertThat(told(client.get("/api/v1/all/tasks?broker=b"), "tasks", "id"))
        .containsExactlyInAnyOrder("b 2", "b 3");
    assertThat(told(client.get("/api/v1/tasks"), "tasks", "id")).containsExactly("null 1");
  }

  @Test
  void tasksOfAll_comeInPieces_eachOnce() {
    produce(a, pending("a1"), pending("a2"), pending("a3"));
    produce(b, pending("b1"));
    produce(c, pending("c1"), pending("c2"));
    List<String> all = new ArrayList<>();
    Object next = 0;
    while (next != null) {
      Answer piece = client.get("/api/v1/all/tasks?limit=1&after=" + next);
      all.addAll(told(piece, "tasks", "id"));
      next = piece.body().get("next");
    }

    assertThat(all).containsExactlyInAnyOrder("a a1", "a a2", "a a3", "b b1", "c c1", "c c2");
    assertThat(client.get("/api/v1/all/tasks?after=rubbish").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/all/tasks?aplication=shop").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/all/tasks?broker=d").body())
        .extractingByKey("detail")
        .asString()
        .contains("must be one of a, b, c");
  }

  @Test
  void workersOfAll_areInOneList_inPieces() {
    produce(a, pending("1"), pending("2"));
    produce(b, pending("3"));
    a.takeAs("10.0.0.5:1");
    a.takeAs("10.0.0.7:1");
    b.takeAs("10.0.0.6:1");

    assertThat(told(client.get("/api/v1/all/workers"), "workers", "worker"))
        .containsExactly("a 10.0.0.5:1", "b 10.0.0.6:1", "a 10.0.0.7:1");
    Answer first = client.get("/api/v1/all/workers?limit=1");
    assertThat(told(first, "workers", "worker")).containsExactly("a 10.0.0.5:1", "b 10.0.0.6:1");
    assertThat(
            told(
                client.get("/api/v1/all/workers?limit=1&after=" + first.body().get("next")),
                "workers",
                "worker"))
        .containsExactly("a 10.0.0.7:1");
  }

  @Test
  void theEvents_areOfAll() throws IOException {
    produce(b, pending("1"));

    assertThat(firstEvent()).contains("\"pending\":1", "\"broker\":\"c\"");
  }

  /** The clock stands still: nothing that is told of all is too old to be told again. */
  @Test
  void theEvents_tellWhatWasOrdered_toWhoeverAsksAfterwards() throws IOException {
    assertThat(firstEvent()).doesNotContain("shop");

    client.post("/api/v1/all/pauses", "application", "shop");

    assertThat(firstEvent()).contains("shop");
  }

  private String firstEvent() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), client.port())) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              ("GET /api/v1/all/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                      + VIEWER
                      + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      String line = "";
      while (!line.startsWith("data: ")) {
        line = AdminClient.line(socket.getInputStream());
      }
      return line;
    }
  }

  @Test
  void anOrder_goesToEach_andEachAuditSaysWhoWantedIt_andWhy() {
    Answer paused = client.post("/api/v1/all/pauses", "application", "shop", "reason", "a deploy");

    assertThat(paused.status()).isEqualTo(200);
    assertThat(paused.list("brokers")).extracting(one -> one.get("status")).containsOnly(200);
    assertThat(Stream.of(a, b, c).map(ThreeBrokers::pauses)).containsOnly(1);
    assertThat(told(client.get("/api/v1/all/audit"), "audit", "actor"))
        .containsExactlyInAnyOrder("a otto", "b otto through ops", "c otto through ops");
    assertThat(client.get("/api/v1/all/audit").list("audit"))
        .extracting(entry -> entry.get("reason"))
        .containsOnly("a deploy");
  }

  @Test
  void anOrderAboutOneTask_isDoneWhereTheTaskIs() {
    produce(b, pending("1"));
    produce(a, pending("2"));
    produce(b, pending("2"));

    Answer done = client.post("/api/v1/all/tasks/cancel", "id", "1");

    assertThat(done.status()).isEqualTo(200);
    assertThat(of(done, "b")).containsEntry("status", 200);
    assertThat(of(done, "c")).containsEntry("status", 404);
    assertThat(client.post("/api/v1/all/tasks/cancel", "id", "3").status()).isEqualTo(404);
    assertThat(client.post("/api/v1/all/tasks/cancel", "id", "2", "broker", "a").status())
        .isEqualTo(200);
    assertThat(stored(a)).isZero();
    assertThat(stored(b)).isEqualTo(1);
  }

  @Test
  void anOrderAboutMany_isCountedForEach_andGoesOnUntilAllAreDone() {
    produce(a, pending("1"), pending("2"));
    produce(b, pending("3"));

    Answer dry = client.post("/api/v1/all/tasks/cancel", "filter", Map.of());
    Answer done = client.post("/api/v1/all/tasks/cancel", "filter", Map.of(), "dry_run", false);

    assertThat(dry.object("verdicts")).containsEntry("done", 3);
    assertThat(dry.body()).containsEntry("dry_run", true);
    assertThat(of(dry, "a")).containsEntry("verdicts", Map.of("done", 2));
    assertThat(done.body()).containsEntry("is_last", true).doesNotContainKey("last");
    assertThat(stored(a) + stored(b)).isZero();
  }

  @Test
  void anOrderThatFailsAtOne_isDoneAtTheOthers_andSaysSo() {
    int port = serverC.port();
    serverC.close();

    Answer paused = client.post("/api/v1/all/pauses", "application", "shop");

    assertThat(paused.status()).isEqualTo(207);
    assertThat(of(paused, "b")).containsEntry("status", 200);
    assertThat(of(paused, "c"))
        .containsEntry("status", 0)
        .extractingByKey("detail")
        .asString()
        .contains("no admin API answers at http://127.0.0.1:" + port);
    assertThat(pauses(a) + pauses(b)).isEqualTo(2);
  }

  @Test
  void aDrain_isOfOneBroker_andItsEntrySaysHowFarItIs() {
    Answer begun = client.post("/api/v1/all/drain", "broker", "b", "reason", "a deploy");
    Answer status = client.get("/api/v1/all/status");

    assertThat(begun.status()).isEqualTo(200);
    assertThat((Map<?, ?>) of(status, "b").get("drain")).extracting("reason").isEqualTo("a deploy");
    assertThat(of(status, "a")).doesNotContainKey("drain");
    assertThat(of(status, "c")).doesNotContainKey("drain");
    assertThat(client.post("/api/v1/all/drain/end", "broker", "c").status()).isEqualTo(404);
    assertThat(client.post("/api/v1/all/drain/end").status()).isEqualTo(200);
    assertThat(b.broker().draining().sight()).isEmpty();
  }

  /** Of one store: elsewhere the same key is another row. */
  @Test
  void aParkedRow_andAnOrderOfRules_areNamedWithTheirBroker() {
    for (BrokerFixture broker : List.of(a, b)) {
      broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "too large");
      produce(broker, pending("1").deadLettered());
      broker.report(broker.take(), Conclusion.FAILURE);
      broker.await("the row", () -> parked(broker) == 1);
    }
    client.post("/api/v1/all/rules", "rule", "drop_task_killswitch: [mail]");

    Answer rows = client.get("/api/v1/all/parked");
    Answer rules = client.get("/api/v1/all/rules");

    assertThat(told(rows, "parked", "id")).containsExactly("a 1", "b 1");
    Object key = Objects.requireNonNull(rows.list("parked").getFirst().get("key"));
    assertThat(rows.list("parked")).extracting(row -> row.get("key")).containsOnly(key);
    client.post("/api/v1/all/parked/drop", "key", key, "broker", "b");
    b.await("its end", () -> parked(b) == 0);
    assertThat(parked(a)).isEqualTo(1);
    assertThat(told(rules, "rules", "task")).containsExactly("a mail", "b mail", "c mail");
    Object order = Objects.requireNonNull(rules.list("rules").getFirst().get("order"));
    Object id = Objects.requireNonNull(((Map<?, ?>) order).get("id"));
    assertThat(client.post("/api/v1/all/rules/end", "id", id, "broker", "a").status())
        .isEqualTo(200);
    assertThat(told(client.get("/api/v1/all/rules"), "rules", "task"))
        .containsExactly("b mail", "c mail");
  }

  private static int parked(BrokerFixture broker) {
    return broker.broker().vitals().depths().parked();
  }
}
