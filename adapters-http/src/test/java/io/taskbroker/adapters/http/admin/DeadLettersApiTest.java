package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminClient.Answer;
import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterDesk;
import io.taskbroker.application.letters.Resending;
import io.taskbroker.application.operations.AuditEntry;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.PlainLetters;
import io.taskbroker.testkit.broker.PlainTask;
import io.taskbroker.testkit.topics.InMemoryDeadLetters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Dead letters over HTTP. Each answer is held to openapi.json. */
class DeadLettersApiTest {
  private static final String VIEWER = "viewer-0123456789";
  private static final String OPERATOR = "operator-0123456789";
  private static final String LIST = "/api/v1/dead-letters";

  private final BrokerFixture broker = BrokerFixture.start();
  private final DeadLetterDesk desk =
      new DeadLetterDesk(
          new InMemoryDeadLetters(
              broker.topics(), BrokerFixture.DEAD_LETTERS, new InMemoryDeadLetters.Shelf()),
          new Resending(
              BrokerFixture.DEAD_LETTERS, Map.of("source", "again"), "again", new PlainLetters()),
          broker.broker().operations(),
          broker.time(),
          SystemThreads.INSTANCE);
  private final AdminServer server =
      AdminServer.start(
          new AdminSettings(
              "127.0.0.1",
              0,
              64,
              List.of(
                  new AdminToken("vera", AdminRole.VIEWER, VIEWER),
                  new AdminToken("otto", AdminRole.OPERATOR, OPERATOR)),
              Optional.empty(),
              List.of(),
              AdminRole.OPERATOR),
          broker.broker(),
          Surroundings.of(AdminApi.PLAIN, "1.2.3").with(desk),
          broker.time());
  private final AdminClient viewer = new AdminClient(server.port()).withToken(VIEWER);
  private final AdminClient operator = new AdminClient(server.port()).withToken(OPERATOR);

  @AfterEach
  void close() {
    server.close();
    desk.close();
    broker.close();
  }

  private void letter(String id, String taskname, String error) {
    broker.time().advance(Duration.ofSeconds(1));
    NewActivation task =
        pending(id)
            .application("shop")
            .taskname(taskname)
            .payload("secret".getBytes(UTF_8))
            .arriving();
    broker
        .topics()
        .append(
            BrokerFixture.DEAD_LETTERS,
            null,
            PlainTask.of(task.activation(), task.payload()).encode(),
            List.of(
                new Header(DeadLetterHeaders.LAST_ERROR, error.getBytes(UTF_8)),
                new Header(DeadLetterHeaders.SOURCE_TOPIC, "source".getBytes(UTF_8)),
                new Header(DeadLetterHeaders.SOURCE_PARTITION, "3".getBytes(UTF_8)),
                new Header(DeadLetterHeaders.SOURCE_OFFSET, "17".getBytes(UTF_8))));
  }

  private void awaitDone() {
    awaitStatus("done");
  }

  private void awaitStatus(String wanted) {
    broker.await(
        "a run that is " + wanted,
        () -> wanted.equals(viewer.get(LIST + "/run").object("run").get("status")));
  }

  @Test
  void lettersAreListed_byPages_andGrouped() {
    letter("a", "mail", "timeout after 3 s");
    letter("b", "mail", "timeout after 4 s");
    letter("c", "pay", "refused");

    Answer first = viewer.get(LIST + "?limit=2");
    assertThat(first.list("letters")).extracting(one -> one.get("id")).containsExactly("c", "b");
    Answer second =
        viewer.get(
            LIST
                + "?limit=2&after="
                + AdminClient.encoded(String.valueOf(first.body().get("next"))));
    assertThat(second.list("letters"))
        .singleElement()
        .satisfies(
            one ->
                assertThat(one)
                    .containsEntry("id", "a")
                    .containsEntry("why", "timeout after 3 s")
                    .containsEntry("cause", "timeout after # s"));
    assertThat(second.body()).doesNotContainKey("next");
    assertThat(viewer.get(LIST + "?task=pay").list("letters")).hasSize(1);
    assertThat(viewer.get(LIST + "?state=handled").list("letters")).isEmpty();

    Answer groups = viewer.get(LIST + "/groups");
    assertThat(groups.body())
        .containsEntry("open", 3)
        .containsEntry("not_looked_at", 0)
        .containsEntry("to_be_read", 0);
    assertThat(groups.list("groups").getFirst())
        .containsEntry("task", "mail")
        .containsEntry("cause", "timeout after # s")
        .containsEntry("open", 2)
        .containsEntry("sendable", 2);
  }

  @Test
  void manyLargeLetters_areReadInSeveralLooks_andEachTellsHowManyAreLeft() {
    NewActivation task = pending("a").payload(new byte[1_000_000]).arriving();
    byte[] value = PlainTask.of(task.activation(), task.payload()).encode();
    for (int i = 0; i < 80; i++) {
      broker.topics().append(BrokerFixture.DEAD_LETTERS, null, value, List.of());
    }

    Map<String, Object> first = viewer.get(LIST + "/groups").body();

    int open = number(first, "open");
    assertThat(open).isPositive().isLessThan(80);
    assertThat(first)
        .containsEntry("to_be_read", 80 - open)
        .containsEntry("not_looked_at", 80 - open);
    Answer page = viewer.get(LIST + "?limit=1000");
    assertThat(page.list("letters")).hasSizeGreaterThan(open);
    for (int look = 0; number(viewer.get(LIST).body(), "to_be_read") > 0; look++) {
      assertThat(look).isLessThan(5);
    }
    assertThat(viewer.get(LIST + "/groups").body()).containsEntry("open", 80);
  }

  private static int number(Map<String, Object> answer, String name) {
    return answer.get(name) instanceof Integer number ? number : -1;
  }

  @Test
  void aLetter_isShownWithItsArgumentsMasked_andInClearToWhoMay() {
    letter("a", "mail", "refused");
    String place = String.valueOf(viewer.get(LIST).list("letters").getFirst().get("place"));
    String path = "/api/v1/dead-letter?place=" + AdminClient.encoded(place);

    Answer masked = viewer.get(path);
    assertThat(masked.body())
        .containsEntry("source_topic", "source")
        .containsEntry("source_offset", 17)
        .containsEntry("target", "again")
        .containsEntry("handled", false);
    assertThat(masked.object("contents")).containsEntry("masked", true);
    assertThat(viewer.get("/api/v1/dead-letter?id=a").body()).isEqualTo(masked.body());
    assertThat(viewer.get("/api/v1/dead-letter?id=b").status()).isEqualTo(404);
    assertThat(viewer.get("/api/v1/dead-letter").status()).isEqualTo(400);
    assertThat(masked.body().toString()).doesNotContain("secret");
    assertThat(viewer.post("/api/v1/dead-letter", "place", place).status()).isEqualTo(403);

    Answer shown =
        operator.post("/api/v1/dead-letter", "place", place, "reason", "a customer asks");
    assertThat(shown.object("contents").get("arguments")).asString().contains("secret");
    assertThat(broker.broker().operations().audit())
        .first()
        .extracting(AuditEntry::actor, AuditEntry::reason)
        .containsExactly("otto", "a customer asks");
    assertThat(viewer.get("/api/v1/dead-letter?place=0:77").status()).isEqualTo(404);
    assertThat(viewer.get("/api/v1/dead-letter?place=here").status()).isEqualTo(400);
  }

  @Test
  void lettersAreRequeued_afterADryRun_byWhoMay() {
    letter("a", "mail", "timeout");
    letter("b", "pay", "refused");
    Map<String, Object> mail = Map.of("task", "mail");

    assertThat(viewer.post(LIST + "/requeue", "filter", mail).status()).isEqualTo(403);
    assertThat(operator.post(LIST + "/requeue").status()).isEqualTo(400);
    Answer dry = operator.post(LIST + "/requeue", "filter", mail);
    assertThat(dry.body()).containsEntry("dry_run", true).containsEntry("open", 1);
    assertThat(broker.topics().records("again")).isEmpty();

    Answer begun =
        operator.post(
            LIST + "/requeue", "filter", mail, "rate", 1_000, "dry_run", false, "reason", "mended");
    assertThat(begun.object("run")).containsEntry("status", "running").containsEntry("by", "otto");
    awaitDone();

    assertThat(broker.tasksIn("again")).hasSize(1);
    assertThat(viewer.get(LIST).list("letters"))
        .extracting(one -> one.get("id"))
        .containsExactly("b");
    assertThat(operator.post(LIST + "/stop").status()).isEqualTo(409);
    assertThat(operator.post(LIST + "/resume").status()).isEqualTo(409);
  }

  @Test
  void aSecondOrderForTheSameLetter_beginsNothing_andKeepsTheResultOfTheFirst() {
    letter("a", "mail", "timeout");
    String place = String.valueOf(viewer.get(LIST).list("letters").getFirst().get("place"));
    Answer first = operator.post(LIST + "/requeue", "places", List.of(place), "dry_run", false);
    awaitDone();
    assertThat(first.list("new_tasks"))
        .singleElement()
        .satisfies(
            task ->
                assertThat(task)
                    .containsEntry("place", place)
                    .containsEntry("new_id", broker.tasksIn("again").getFirst().id()));

    Answer second = operator.post(LIST + "/requeue", "places", List.of(place), "dry_run", false);

    assertThat(second.status()).isEqualTo(200);
    assertThat(second.body()).containsEntry("open", 0).doesNotContainKeys("run", "new_tasks");
    assertThat(viewer.get(LIST + "/run").object("run"))
        .containsEntry("status", "done")
        .containsEntry("handled", 1);
    assertThat(broker.broker().operations().audit()).hasSize(1);
  }

  @Test
  void chosenLetters_areDropped() {
    letter("a", "mail", "timeout");
    letter("b", "mail", "timeout");
    String place = String.valueOf(viewer.get(LIST).list("letters").getFirst().get("place"));

    assertThat(operator.post(LIST + "/drop", "places", List.of("x")).status()).isEqualTo(400);
    assertThat(operator.post(LIST + "/drop", "places", List.of()).status()).isEqualTo(400);
    assertThat(
            operator
                .post(LIST + "/drop", "places", List.of(), "filter", Map.of(), "dry_run", false)
                .status())
        .as("nothing was chosen, which is not all")
        .isEqualTo(400);
    operator.post(LIST + "/drop", "places", List.of(place), "dry_run", false);
    awaitDone();

    assertThat(viewer.get(LIST).list("letters"))
        .extracting(one -> one.get("id"))
        .containsExactly("a");
    assertThat(viewer.get(LIST + "?state=handled").list("letters")).hasSize(1);
    assertThat(broker.tasksIn("again")).isEmpty();
  }

  @Test
  void aRun_isStopped_andResumed() {
    for (int i = 0; i < 50; i++) {
      letter("id-" + i, "mail", "timeout");
    }
    operator.post(LIST + "/requeue", "filter", Map.of(), "rate", 1, "dry_run", false);
    assertThat(operator.post(LIST + "/drop", "filter", Map.of(), "dry_run", false).status())
        .isEqualTo(409);

    assertThat(operator.post(LIST + "/stop").status()).isEqualTo(200);
    awaitStatus("stopped");
    assertThat(operator.post(LIST + "/resume").object("run")).containsEntry("status", "running");
    assertThat(operator.post(LIST + "/stop").status()).isEqualTo(200);
    awaitStatus("stopped");
    operator.post(LIST + "/requeue", "filter", Map.of(), "rate", 100_000, "dry_run", false);
    awaitDone();

    assertThat(broker.tasksIn("again").stream().map(PlainTask::id).distinct()).hasSize(50);
    assertThat(broker.tasksIn("again")).hasSize(50);
  }

  @Test
  void aBrokerThatShowsNone_saysSo() {
    try (AdminServer without =
        AdminServer.start(
            AdminApi.OPEN, broker.broker(), Surroundings.of(AdminApi.PLAIN, "1"), broker.time())) {
      Answer answer = new AdminClient(without.port()).get(LIST + "/groups");
      assertThat(answer.status()).isEqualTo(404);
      assertThat(answer.body()).containsEntry("detail", "This broker shows no dead letters");
    }
  }
}
