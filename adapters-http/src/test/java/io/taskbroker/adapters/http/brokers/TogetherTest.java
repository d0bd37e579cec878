package io.taskbroker.adapters.http.brokers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.http.brokers.Call.Verb;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How answers become one. */
class TogetherTest {
  private final AllBrokers all = new AllBrokers();

  @AfterEach
  void close() {
    all.close();
  }

  private static Together of(Verb verb, Reply... replies) {
    Map<String, Reply> byBroker = new LinkedHashMap<>();
    for (Reply reply : replies) {
      byBroker.put("b" + (byBroker.size() + 1), reply);
    }
    return new Together(verb, byBroker);
  }

  @Test
  void rowsNameTheirBroker_countsAddUp_agesDoNot_flagsHoldIfTheyHoldEverywhere() {
    Together looks =
        of(
            Verb.GET,
            Reply.done(
                Map.of(
                    "rows",
                    List.of(Map.of("id", "x")),
                    "tasks",
                    Map.of("pending", 2, "oldest_pending_ms", 70),
                    "ready",
                    true,
                    "version",
                    "1")),
            Reply.done(
                Map.of(
                    "rows",
                    List.of(Map.of("id", "y")),
                    "tasks",
                    Map.of("pending", 3L, "oldest_pending_ms", 9, "new", 1),
                    "ready",
                    false,
                    "version",
                    "2")));

    Map<String, Object> body = looks.body();

    assertThat(body.get("rows"))
        .isEqualTo(List.of(Map.of("broker", "b1", "id", "x"), Map.of("broker", "b2", "id", "y")));
    assertThat(body.get("tasks"))
        .isEqualTo(Map.of("pending", 5L, "oldest_pending_ms", 70L, "new", 1));
    assertThat(body).containsEntry("ready", false).containsEntry("version", "1");
    assertThat(body.get("brokers"))
        .asInstanceOf(InstanceOfAssertFactories.LIST)
        .element(1)
        .isEqualTo(
            Map.of(
                "broker",
                "b2",
                "status",
                200,
                "tasks",
                Map.of("pending", 3L, "oldest_pending_ms", 9, "new", 1),
                "ready",
                false,
                "version",
                "2"));
  }

  @Test
  void whatWasDoneHereAndNotThere_isSaid_andWhatIsNowhere_isRefused() {
    Reply done = Reply.done(Map.of());
    Reply away = Reply.none("no answer");
    Reply nothing = Reply.refusal(404, "no such task");

    assertThat(of(Verb.POST, done, done).status()).isEqualTo(200);
    assertThat(of(Verb.POST, done, away).status()).isEqualTo(207);
    assertThat(of(Verb.POST, nothing, done).status()).isEqualTo(200);
    assertThat(of(Verb.GET, done, away).status()).isEqualTo(200);
    Together nowhere = of(Verb.POST, nothing, away);
    assertThat(nowhere.isDone()).isFalse();
    assertThat(nowhere.isFailure(nothing)).isTrue();
    assertThat(nowhere.status()).isEqualTo(404);
    assertThat(nowhere.detail()).isEqualTo("b1: no such task; b2: no answer");
    assertThat(of(Verb.GET, away).status()).isEqualTo(502);
  }

  /**
   * They are the names and values of a producer: one of ours among them would be taken for theirs.
   */
  @Test
  void theHeadersOfATask_areAsItsProducerWroteThem_andTheTaskNamesItsBroker() {
    Map<String, Object> body =
        of(
                Verb.GET,
                Reply.done(
                    Map.of("headers", Map.of("traceparent", "00"), "task", Map.of("id", "x"))))
            .body();

    assertThat(body.get("headers")).isEqualTo(Map.of("traceparent", "00"));
    assertThat(body.get("task")).isEqualTo(Map.of("broker", "b1", "id", "x"));
  }

  @Test
  void listsOfSeveral_areInOneOrder() {
    Together audits =
        of(
            Verb.GET,
            Reply.done(Map.of("audit", List.of(Map.of("at", "2026-01-01T00:00:05Z")))),
            Reply.done(
                Map.of(
                    "audit",
                    List.of(
                        Map.of("at", "2026-01-01T00:00:05.100Z"),
                        Map.of("at", "2026-01-01T00:00:04.900Z")))));

    assertThat(audits.body().get("audit"))
        .isEqualTo(
            List.of(
                Map.of("broker", "b2", "at", "2026-01-01T00:00:05.100Z"),
                Map.of("broker", "b1", "at", "2026-01-01T00:00:05Z"),
                Map.of("broker", "b2", "at", "2026-01-01T00:00:04.900Z")));
  }

  /**
   * Each row of a list that two brokers tell, as its broker and its {@code member}.
   *
   * @param first rows of {@code b1}
   * @param second rows of {@code b2}
   */
  private static List<String> together(String list, String member, List<?> first, List<?> second) {
    Map<String, Object> body =
        of(Verb.GET, Reply.done(Map.of(list, first)), Reply.done(Map.of(list, second))).body();
    return ((List<?>) body.getOrDefault(list, List.of()))
        .stream()
            .map(row -> (Map<?, ?>) row)
            .map(row -> row.get("broker") + " " + row.get(member))
            .toList();
  }

  @Test
  void whatRunsNext_isInTheOrderInWhichItIsDue() {
    assertThat(
            together(
                "upcoming",
                "delayed_until",
                List.of(
                    Map.of("delayed_until", "2026-01-01T01:00:00Z"),
                    Map.of("delayed_until", "2026-01-01T03:00:00Z")),
                List.of(Map.of("delayed_until", "2026-01-01T02:00:00Z"))))
        .containsExactly(
            "b1 2026-01-01T01:00:00Z", "b2 2026-01-01T02:00:00Z", "b1 2026-01-01T03:00:00Z");
  }

  @Test
  void theNamesWhoseTasksEndMost_areFirst() {
    assertThat(
            together(
                "tasks",
                "task",
                List.of(Map.of("task", "mail", "ended", 9), Map.of("task", "pay", "ended", 2)),
                List.of(Map.of("task", "pay", "ended", 5))))
        .containsExactly("b1 mail", "b2 pay", "b1 pay");
  }

  @Test
  void changesOfTheLog_areByTheirTargets_andParkedRowsByBroker() {
    assertThat(
            together(
                "changes",
                "target",
                List.of(Map.of("target", ""), Map.of("target", "taskbroker::store")),
                List.of(Map.of("target", "taskbroker"))))
        .containsExactly("b1 ", "b2 taskbroker", "b1 taskbroker::store");
    assertThat(
            together(
                "parked",
                "key",
                List.of(Map.of("key", 7), Map.of("key", 9)),
                List.of(Map.of("key", 8))))
        .containsExactly("b1 7", "b1 9", "b2 8");
  }

  @Test
  void whatOneBrokerSaysOfItself_isInItsEntry_andTheWholeHasTheFirst() {
    Map<String, Object> body =
        of(
                Verb.GET,
                Reply.done(Map.of("ready", true)),
                Reply.done(Map.of("drain", Map.of("by", "ann", "is_empty", false))),
                Reply.done(Map.of("drain", Map.of("by", "bob", "is_empty", true))))
            .body();

    assertThat(body.get("drain")).isEqualTo(Map.of("broker", "b2", "by", "ann", "is_empty", false));
    assertThat(body.get("brokers"))
        .isEqualTo(
            List.of(
                Map.of("broker", "b1", "status", 200, "ready", true),
                Map.of(
                    "broker", "b2", "status", 200, "drain", Map.of("by", "ann", "is_empty", false)),
                Map.of(
                    "broker",
                    "b3",
                    "status",
                    200,
                    "drain",
                    Map.of("by", "bob", "is_empty", true))));
  }

  /** Each broker has as many rows as its name says, and tells two at a time. */
  private static Reply counting(Call call, int rows) {
    int after = call.said().get("after") instanceof Number number ? number.intValue() : 0;
    int end = Math.min(rows, after + 2);
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("rows", IntStream.range(after, end).boxed().toList());
    if (end < rows) {
      body.put("next", end);
    }
    return Reply.done(body);
  }

  @Test
  void aList_goesOnInEachBroker_untilAllHaveToldAll() {
    List<Door> doors =
        List.of(
            new Door("one", call -> counting(call, 1)),
            new Door("five", call -> counting(call, 5)),
            new Door("four", call -> counting(call, 4)));
    int rows = 0;
    int pieces = 0;
    Object next = 0;
    while (next != null) {
      Map<String, Object> body = all.ask(doors, Call.get("/rows", Map.of("after", next))).body();
      rows += ((List<?>) body.getOrDefault("rows", List.of())).size();
      pieces++;
      next = body.get("next");
    }

    assertThat(rows).isEqualTo(10);
    assertThat(pieces).isEqualTo(3);
  }

  @Test
  void whatIsNoCursor_isRefused() {
    List<Door> doors = List.of(new Door("one", call -> counting(call, 1)));

    for (Object after : List.of("rubbish", 7, "bnVsbA", "e30", "eyJ6IjoxfQ", "eyJvbmUiOlsxXX0")) {
      assertThatThrownBy(() -> all.ask(doors, Call.get("/rows", Map.of("after", after))))
          .as("" + after)
          .isInstanceOf(AllBrokers.UnknownCursor.class);
    }
  }

  @Test
  void aDefect_isNotTakenForAnAnswer() {
    List<Door> doors =
        List.of(
            new Door("good", call -> counting(call, 1)),
            new Door(
                "bad",
                _ -> {
                  throw new IllegalStateException("a defect");
                }));

    assertThatThrownBy(() -> all.ask(doors, Call.get("/rows", Map.of())))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a defect");
  }
}
