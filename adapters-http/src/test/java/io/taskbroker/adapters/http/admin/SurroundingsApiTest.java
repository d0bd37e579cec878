package io.taskbroker.adapters.http.admin;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.application.operations.TopicsInSight;
import io.taskbroker.application.rules.RulesOrigin;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.InMemoryLogLevels;
import io.taskbroker.testkit.topics.ShownTopics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Kafka, rules and configuration over HTTP. Each answer is held to openapi.json. */
class SurroundingsApiTest {
  private static final String KAFKA = "/api/v1/kafka";
  private static final String RULES = "/api/v1/rules";
  private static final int MOST_PENDING = 2;

  private final BrokerFixture broker =
      BrokerFixture.builder()
          .limits(
              new Backpressure.Limits(
                  MOST_PENDING, 100, 100, 100, null, Long.MAX_VALUE, Long.MAX_VALUE))
          .start();
  private final ShownTopics topics = new ShownTopics();
  private final AtomicInteger looks = new AtomicInteger();
  private volatile RulesOrigin origin = RulesOrigin.NONE;
  private final AdminServer server =
      AdminServer.start(
          new AdminSettings(
              "127.0.0.1",
              0,
              64,
              List.of(
                  new AdminToken("vera", AdminRole.VIEWER, "viewer-0123456789"),
                  new AdminToken("olga", AdminRole.OPERATOR, "operator-0123456789")),
              Optional.of(AdminRole.ADMIN),
              List.of(),
              AdminRole.OPERATOR),
          broker.broker(),
          new Surroundings(
              Optional.empty(),
              counted(topics),
              () -> origin,
              List.of(
                  new ShownSetting("Store", "store.path", "/data", "x", true, "b.yml:3", "Where."),
                  new ShownSetting("Store", "store.none", null, null, false, "default", "")),
              new InMemoryLogLevels(),
              AdminApi.PLAIN,
              "1"),
          broker.time());
  private final AdminClient client = new AdminClient(server.port());

  @AfterEach
  void close() {
    server.close();
    broker.close();
  }

  private TopicsInSight counted(TopicsInSight all) {
    return () -> {
      looks.incrementAndGet();
      return all.look();
    };
  }

  private static TopicSight read(PartitionSight... partitions) {
    return new TopicSight(
        BrokerFixture.TOPIC,
        TopicSight.Use.READ,
        "main",
        "kafka:9092",
        "workers",
        null,
        List.of(partitions));
  }

  private static PartitionSight led(int number, long end, long committed) {
    return new PartitionSight(number, "node 1", 0L, end, committed, "member");
  }

  @SuppressWarnings("unchecked")
  private List<Map<String, Object>> partitions() {
    broker.time().advance(Duration.ofSeconds(2)); // what was said before is not fresh any more
    return (List<Map<String, Object>>)
        client.get(KAFKA).list("topics").getFirst().getOrDefault("partitions", List.of());
  }

  /** All partitions of the topic, of which the last is another broker's. */
  private void show(int end) {
    List<PartitionSight> seen = new ArrayList<>();
    broker
        .topics()
        .partitions(BrokerFixture.TOPIC)
        .forEach(one -> seen.add(led(one.number(), end, 0)));
    seen.add(led(100, 9, 4));
    topics.show(read(seen.toArray(PartitionSight[]::new)));
  }

  private long sum(String of) {
    List<Map<String, Object>> ours = partitions();
    return ours.subList(0, ours.size() - 1).stream()
        .mapToLong(one -> ((Number) one.getOrDefault(of, 0)).longValue())
        .sum();
  }

  @Test
  void aPartitionOfOurs_isSeenAsFarAsWeAre_andOneOfOthersAsFarAsKafkaSays() {
    show(5);
    broker.produce(pending("a"), pending("b"));

    broker.await("both to be committed", () -> sum("committed") == 2);

    assertThat(sum("read")).isEqualTo(2);
    assertThat(sum("stored")).isEqualTo(2);
    assertThat(sum("lag")).isEqualTo(5L * (partitions().size() - 1) - 2);
    assertThat(partitions().getFirst()).containsEntry("is_ours", true).doesNotContainKey("held");
    assertThat(partitions().getLast())
        .containsEntry("is_ours", false)
        .containsEntry("committed", 4)
        .containsEntry("lag", 5)
        .doesNotContainKeys("read", "stored", "held");
  }

  @Test
  void aPositionThatIsOnlySomeRecordsBehind_isNotHeldUp() {
    show(5);
    broker.stopCommitting();
    broker.produce(pending("a"));

    broker.await("it is stored", () -> sum("stored") == 1);

    assertThat(sum("committed")).isZero();
    assertThat(partitions()).allSatisfy(one -> assertThat(one).doesNotContainKey("held"));
  }

  @Test
  void whatHoldsAPositionUp_isSaid() {
    show(5);
    broker.produce(pending("a"), pending("b"), pending("c"), pending("d"));

    broker.await(
        "the reason",
        () ->
            partitions().stream()
                .map(one -> String.valueOf(one.get("held")))
                .anyMatch(
                    held ->
                        held.contains("read and wait for the store: ")
                            && held.contains("pending")));
    assertThat(sum("read")).isEqualTo(4);
    assertThat(sum("committed")).isLessThan(4);
  }

  @Test
  void aPartitionWithoutALeader_isHeldUpByThat() {
    topics.show(read(new PartitionSight(0, null, null, null, null, null)));

    assertThat(partitions().getFirst())
        .containsEntry("held", "no node leads it: nothing of it can be read or written")
        .doesNotContainKey("lag");
  }

  @Test
  void kafkaIsAsked_onceInAWhile_howeverManyAsk() {
    topics.show(read());

    for (int i = 0; i < 5; i++) {
      client.get(KAFKA);
    }

    assertThat(looks).hasValue(1);
    partitions();
    assertThat(looks).hasValue(2);
  }

  @Test
  void rules_tellWhereTheyComeFrom_whatTheyMeet_andWhatTheyHaveDone() {
    assertThat(client.get(RULES).list("rules")).isEmpty();
    origin = new RulesOrigin("rules.yml", SettableTime.START.wallMs(), "line 3 is no mapping");
    broker
        .rules()
        .readArguments(
            (payload, _) ->
                Optional.of(
                    new Arguments(
                        Map.of(0, new Value.Text(new String(payload, StandardCharsets.UTF_8))),
                        Map.of())));
    broker
        .rules()
        .set(
            new Rules(
                new KillSwitch(
                    Set.of("newsletter"),
                    List.of(new Selector("mail", Map.of(0, new Value.Text("spam")), Map.of()))),
                new Demotion(Set.of("reports"), "slow", null)));
    broker.produce(named("killed", "newsletter"), named("kept", "mail"));

    broker.await(
        "the drop",
        () -> Objects.equals(client.get(RULES).list("rules").getFirst().get("done"), 1));

    assertThat(client.get(RULES).body())
        .containsEntry("file", "rules.yml")
        .containsEntry("trouble", "line 3 is no mapping");
    broker.time().advance(Duration.ofSeconds(2));
    broker.await("the other", () -> broker.broker().vitals().depths().pending() == 1);
    assertThat(client.get(RULES).list("rules"))
        .containsExactly(
            Map.of("kind", "drop_task", "task", "newsletter", "stored", 0, "done", 1),
            Map.of(
                "kind",
                "drop_by_arguments",
                "task",
                "mail",
                "condition",
                "argument 0 is \"spam\"",
                "stored",
                1,
                "done",
                0),
            Map.of(
                "kind",
                "send_off",
                "namespace",
                "reports",
                "target",
                "topic 'slow'",
                "stored",
                0,
                "done",
                0));
    assertThat(client.withToken("viewer-0123456789").get(RULES).list("rules").get(1))
        .containsEntry("condition", "argument 0 is ******");
  }

  private static final String NEWSLETTERS = "drop_task_killswitch: [newsletter]";

  @Test
  void aRule_isTried_putInForce_shown_andEnded() {
    broker.produce(named("a", "newsletter"), named("b", "mail"));
    broker.await("both", () -> broker.broker().vitals().depths().pending() == 2);

    assertThat(client.post(RULES + "/try", "rules", NEWSLETTERS).list("effects"))
        .containsExactly(
            Map.of(
                "kind",
                "drop_task",
                "task",
                "newsletter",
                "tasks",
                1,
                "states",
                Map.of("pending", 1)));
    assertThat(broker.broker().vitals().depths().pending()).isEqualTo(2);

    AdminClient.Answer set =
        client.post(RULES, "rule", NEWSLETTERS, "for_seconds", 60, "reason", "too many");

    assertThat(set.object("rule")).containsEntry("task", "newsletter");
    assertThat(set.object("order"))
        .containsEntry("by", "local")
        .containsEntry("reason", "too many")
        .containsKey("until");
    broker.await("the drop", () -> broker.broker().vitals().depths().pending() == 1);
    assertThat(client.get(RULES).list("rules"))
        .singleElement()
        .satisfies(
            rule ->
                assertThat(rule)
                    .containsEntry("done", 1)
                    .containsEntry("order", set.object("order")));

    String id = String.valueOf(set.object("order").get("id"));
    assertThat(client.post(RULES + "/end", "id", id, "reason", "over").status()).isEqualTo(200);
    assertThat(client.post(RULES + "/end", "id", id).status()).isEqualTo(404);
    assertThat(client.get(RULES).list("rules")).isEmpty();
    assertThat(client.get("/api/v1/audit").list("audit"))
        .anySatisfy(
            entry ->
                assertThat(String.valueOf(entry.get("order")))
                    .startsWith("drop tasks 'newsletter' until 2"));
  }

  @Test
  void whatIsNoRule_isRefusedInWords_andIsNoOrder() {
    assertThat(client.post(RULES, "rule", "nothing").body())
        .containsEntry(
            "detail", "'rule' in the body cannot be used: there is no name in 'nothing'");
    assertThat(client.post(RULES, "rule", "drop_task_killswitch: [a, b]").status()).isEqualTo(400);
    assertThat(client.post(RULES + "/try", "rules", "nothing").status()).isEqualTo(400);
    assertThat(client.post(RULES, "reason", "none").status()).isEqualTo(400);
    assertThat(client.get("/api/v1/audit").list("audit")).hasSize(1);
    assertThat(broker.broker().rules().orders()).isEmpty();
  }

  @Test
  void rules_takeTheRoleOfOperators_andSelectorsTheOneThatSeesArguments() {
    AdminClient vera = client.withToken("viewer-0123456789");
    assertThat(vera.post(RULES, "rule", NEWSLETTERS).status()).isEqualTo(403);
    assertThat(vera.post(RULES + "/try", "rules", NEWSLETTERS).status()).isEqualTo(403);
    assertThat(vera.post(RULES + "/end", "id", "a").status()).isEqualTo(403);

    broker
        .rules()
        .readOrders(
            _ ->
                new Rules(
                    new KillSwitch(
                        Set.of(),
                        List.of(new Selector("mail", Map.of(0, new Value.Text("x")), Map.of()))),
                    Demotion.NONE));
    assertThat(client.post(RULES + "/try", "rules", "a selector").list("effects"))
        .containsExactly(
            Map.of(
                "kind",
                "drop_by_arguments",
                "task",
                "mail",
                "condition",
                "argument 0 is \"x\"",
                "tasks",
                0,
                "states",
                Map.of()));
  }

  private static Activations named(String id, String taskname) {
    return pending(id).taskname(taskname);
  }

  @Test
  void whatIsLogged_isChangedByAdmins_shown_andEnded() {
    String path = "/api/v1/log-level";
    assertThat(client.get(path).body())
        .isEqualTo(Map.of("configured", "info", "changes", List.of()));

    AdminClient.Answer changed =
        client.post(
            path,
            "level",
            "DEBUG",
            "target",
            "taskbroker::store",
            "for_seconds",
            60,
            "reason",
            "it is slow");

    assertThat(changed.list("changes"))
        .containsExactly(
            Map.of(
                "level",
                "debug",
                "target",
                "taskbroker::store",
                "by",
                "local",
                "reason",
                "it is slow",
                "since",
                Instant.ofEpochMilli(SettableTime.START.wallMs()).toString(),
                "until",
                Instant.ofEpochMilli(SettableTime.START.wallMs() + 60_000).toString()));
    assertThat(client.withToken("viewer-0123456789").get(path).body()).isEqualTo(changed.body());
    assertThat(client.get("/api/v1/audit").list("audit").getFirst())
        .containsEntry("reason", "it is slow")
        .extractingByKey("order")
        .asString()
        .startsWith("log taskbroker::store at debug until ");

    assertThat(client.post(path + "/end").status()).isEqualTo(404);
    assertThat(client.post(path + "/end", "target", "taskbroker::store").list("changes")).isEmpty();
    assertThat(client.post(path, "level", "loud").body())
        .containsEntry("detail", "That cannot be logged: 'loud' is no level");
  }

  @Test
  void whatIsLogged_isChangedByNobodyElse() {
    AdminClient olga = client.withToken("operator-0123456789");

    assertThat(olga.post("/api/v1/log-level", "level", "debug").status()).isEqualTo(403);
    assertThat(olga.post("/api/v1/log-level/end").status()).isEqualTo(403);
  }

  @Test
  void theConfiguration_isShownAsItWasRead() {
    assertThat(client.get("/api/v1/configuration").list("settings"))
        .containsExactly(
            Map.of(
                "section",
                "Store",
                "key",
                "store.path",
                "value",
                "/data",
                "default",
                "x",
                "is_given",
                true,
                "origin",
                "b.yml:3",
                "meaning",
                "Where."),
            Map.of(
                "section",
                "Store",
                "key",
                "store.none",
                "is_given",
                false,
                "origin",
                "default",
                "meaning",
                ""));
  }
}
