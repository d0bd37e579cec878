package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Three brokers on one dashboard: what each has, what an order does at each, and one that goes. */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
class SeveralBrokersTest {
  private static final Browser BROWSER = new Browser();

  private final Scene b = Scene.open();
  private final Scene c = Scene.open();
  private final Scene a = Scene.among(b.as("b"), c.as("c"));

  @AfterAll
  static void close() {
    BROWSER.close();
  }

  @BeforeEach
  void size() {
    BROWSER.themed("light").sized(1280, 900);
  }

  @AfterEach
  void forget() {
    BROWSER.forget();
    a.close();
    b.close();
    c.close();
  }

  /** What the events tell of others is told anew once some time has passed. */
  private void passASecond() {
    a.broker.time().advance(Duration.ofSeconds(1));
  }

  private void fill() {
    a.produce(pending("a1").application("shop"), pending("a2").application("shop"));
    b.produce(pending("b1").application("shop"), pending("b2").application("bank"));
    passASecond();
  }

  @ParameterizedTest
  @CsvSource({"light, 1280", "dark, 390"})
  void everyPage_namesTheBrokers_andIsSound(String theme, int width) {
    BROWSER.themed(theme).sized(width, 844);
    a.lively();
    b.lively();
    Map<String, String> pages = new LinkedHashMap<>();
    pages.put("overview", "/");
    pages.put("queues", "/queues");
    pages.put("tasks", "/tasks");
    pages.put("task", "/task?broker=b&id=0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02");
    pages.put("workers", "/workers");
    pages.put("upcoming", "/upcoming");
    pages.put("kafka", "/kafka");
    pages.put("rules", "/rules");
    pages.put("configuration", "/configuration");
    pages.put("dead-letters", "/dead-letters");
    BROWSER.open(a.url("/queues"));
    BROWSER.press("Pause by name…");
    BROWSER.type("dialog [name=application]", "search");
    BROWSER.confirm("The index is being moved");
    pages.put("audit", "/audit");
    pages.forEach(
        (name, path) -> {
          BROWSER.open(a.url(path));
          if (name.equals("queues")) {
            BROWSER.awaitText("search is paused");
          }
          BROWSER.screenshot("several-%s-%s-%d".formatted(name, theme, width));
          BROWSER.assertSound(path);
          if (width > 640
              && !name.equals("task")
              && !name.equals("dead-letters")
              && !name.equals("kafka")) {
            BROWSER.await("the brokers of " + name, () -> BROWSER.text("thead").contains("Broker"));
          }
        });
  }

  @Test
  void aTask_isCancelledWhereItIs_andAllThatMatch_atEach() {
    fill();
    BROWSER.open(a.url("/tasks?application=shop"));
    BROWSER.await("all tasks of the shop", () -> BROWSER.number("tr[data-row]") == 3);
    BROWSER.click("a[href*='id=b1']");
    BROWSER.loaded("/task");
    BROWSER.press("Cancel…");
    BROWSER.awaitText("at broker b");
    BROWSER.awaitText("taskbroker cancel --broker 'URL of b' b1 --reason");
    BROWSER.confirm("not wanted");
    BROWSER.awaitText("Cancelled: 1 task at b.");
    assertThat(a.stored()).isEqualTo(2);
    assertThat(b.stored()).isEqualTo(1);

    BROWSER.open(a.url("/tasks"));
    BROWSER.press("Cancel…");
    BROWSER.awaitText("Cancel 3 tasks on 2 brokers?");
    assertThat(BROWSER.text("dialog")).contains("a: 2 tasks", "b: 1 task", "c: 0 tasks");
    BROWSER.confirm("not wanted either");
    BROWSER.awaitText("Cancelled: 3 tasks.");
    assertThat(a.stored() + b.stored()).isZero();
    assertThat(b.broker.broker().operations().audit().getFirst().actor())
        .isEqualTo("local through otto");
    assertThat(BROWSER.console()).isEmpty();
  }

  @Test
  void aPause_goesToEach_andTellsWhatEachDid() {
    fill();
    BROWSER.open(a.url("/queues"));
    BROWSER.await(
        "the brokers of the shop",
        () -> BROWSER.text("tr[data-key='[\"shop\"]']").contains("a and b"));
    BROWSER.click("tr[data-key='[\"shop\"]'] .acts button");
    BROWSER.awaitText("taskbroker pause --broker 'URL of a,URL of b,URL of c' --application shop");
    BROWSER.click("dialog [name=for] option[value='600']");
    BROWSER.awaitText("--application shop --for 10m --reason '…' --yes");
    BROWSER.confirm("a deploy");
    BROWSER.awaitText("a: done; b: done; c: done");
    BROWSER.await("the pause", () -> BROWSER.text("tr[data-key='[\"shop\"]']").contains("Paused"));
    assertThat(c.broker.broker().operations().pauses()).hasSize(1);
    assertThat(BROWSER.console()).isEmpty();
  }

  @Test
  void aBroker_isDrained_whileTheOthersTakeTasksIn() {
    b.produce(pending("b1"));
    Delivered task = b.broker.take();
    passASecond();
    BROWSER.open(a.url("/"));
    BROWSER.click("tr[data-key='b'] .acts button");
    BROWSER.awaitText("Drain broker b?");
    BROWSER.confirm("a deploy");
    passASecond();

    BROWSER.await("its row", () -> BROWSER.text("tr[data-key='b']").contains("Draining"));
    BROWSER.awaitText("Broker b drains; the others take tasks in");
    BROWSER.awaitText("b: Intake of all topics");
    assertThat(BROWSER.text("tr[data-key='b']")).contains("1 is with a worker");
    assertThat(a.broker.broker().draining().sight()).isEmpty();
    BROWSER.screenshot("several-draining");
    BROWSER.assertSound("the overview while b drains");

    b.broker.report(task, Conclusion.COMPLETE);
    b.broker.await("its end", () -> b.broker.broker().draining().sight().orElseThrow().isEmpty());
    passASecond();
    BROWSER.awaitText("Broker b is drained; the others take tasks in");
    BROWSER.click("tr[data-key='b'] .acts button");
    BROWSER.awaitText("End the drain of broker b?");
    BROWSER.confirm("it is deployed");
    passASecond();
    BROWSER.await("its row", () -> BROWSER.text("tr[data-key='b']").contains("Ready"));
    assertThat(b.broker.broker().draining().sight()).isEmpty();
    assertThat(BROWSER.console()).isEmpty();
  }

  @Test
  void howLongTasksTook_isToldForEach_andWhatComesAndGoes_ofAllTogether() {
    BROWSER.open(a.url("/queues")); // they are counted while somebody looks
    BROWSER.awaitText("No task has ended in the last minutes.");
    for (Scene scene : List.of(a, b)) {
      scene.produce(pending("1"), pending("2"));
      scene.broker.time().advance(Duration.ofSeconds(6));
    }
    BROWSER.await("what came", () -> BROWSER.text("tbody tr").contains("0.7, 0.0"));
    for (Scene scene : List.of(a, b)) {
      Delivered task = scene.broker.take();
      scene.broker.time().advance(Duration.ofSeconds(2));
      scene.broker.report(task, Conclusion.COMPLETE);
      scene.broker.await("its end", () -> scene.broker.broker().vitals().flow().ended() == 1);
      scene.broker.time().advance(Duration.ofSeconds(5));
    }

    BROWSER.await("their times", () -> BROWSER.number("section[data-key=times] tbody tr") == 2);
    assertThat(BROWSER.text("section[data-key=times] tbody tr:first-child")).contains("a", "2.0 s");
    assertThat(BROWSER.text("section[data-key=times] tbody tr:last-child")).contains("b", "2.0 s");
    BROWSER.assertSound("/queues");
  }

  @Test
  void whatRunsNext_isInOneOrder_andRunsWhereItIs() {
    long start = a.broker.time().now().wallMs();
    a.produce(
        delayed("same", start + Duration.ofHours(2).toMillis()),
        delayed("first", start + Duration.ofMinutes(10).toMillis()));
    b.produce(delayed("same", start + Duration.ofMinutes(30).toMillis()));
    passASecond();
    BROWSER.open(a.url("/upcoming"));
    BROWSER.awaitText("3 tasks wait for their time");
    BROWSER.await("the brokers", () -> BROWSER.text("[data-key=next] thead").contains("Broker"));
    assertThat(BROWSER.text("[data-key=next] tbody tr:first-child")).contains("first");
    assertThat(BROWSER.number("[data-key=next] tbody tr:nth-child(2) a[href*='broker=b']"))
        .isEqualTo(1);
    assertThat(BROWSER.number("[data-key=by] tbody tr")).isEqualTo(2);

    BROWSER.click("[data-key=next] tbody tr:nth-child(2) .acts button");
    BROWSER.awaitText("at broker b");
    BROWSER.confirm("a customer asks");
    BROWSER.awaitText("2 tasks wait for their time");
    assertThat(b.has("same", "PENDING")).isTrue();
    assertThat(a.has("same", "DELAY")).isTrue();
    BROWSER.assertSound("/upcoming");
  }

  @Test
  void aRule_isTriedAndPutInForceAtEach_andEndedWhereItsRowIs() {
    a.produce(pending("a1").taskname("newsletter"));
    b.produce(pending("b1").taskname("newsletter"), pending("b2").taskname("pay"));
    passASecond();
    BROWSER.open(a.url("/rules"));
    BROWSER.press("New rule…");
    BROWSER.type("dialog [name=name]", "newsletter");
    BROWSER.press("Try it");
    BROWSER.awaitText("Drop newsletter on 3 brokers?");
    assertThat(BROWSER.text("dialog"))
        .contains(
            "It would drop 2 stored tasks now",
            "a: 1 stored task",
            "b: 1 stored task",
            "c: 0 stored tasks");
    BROWSER.assertSound("the question");
    BROWSER.confirm("too many");
    BROWSER.awaitText("a: done; b: done; c: done");
    BROWSER.awaitText("3 rules are in force");

    BROWSER.click("tr[data-key^='b '] .acts button");
    BROWSER.awaitText("End this rule at b: Drop newsletter?");
    BROWSER.confirm("b may");
    BROWSER.awaitText("2 rules are in force");
    assertThat(b.broker.broker().rules().orders()).isEmpty();
    assertThat(a.broker.broker().rules().orders()).hasSize(1);
    assertThat(BROWSER.console()).isEmpty();
  }

  /** The token that this broker shows to the others is an operator's. */
  @Test
  void whatIsLogged_isChangedWhereThatIsAllowed_andSaysWhereItIsNot() {
    passASecond();
    BROWSER.open(a.url("/configuration"));
    BROWSER.awaitText("at 3 brokers");
    BROWSER.press("Log more or less…");
    BROWSER.awaitText("Log more, or less on 3 brokers?");
    BROWSER.type("dialog [name=target]", "taskbroker::store");
    BROWSER.type("dialog [name=reason]", "it is slow");
    BROWSER.click("dialog .go");
    BROWSER.awaitText("It was not done everywhere.");
    assertThat(BROWSER.text("dialog"))
        .contains("b: not done. This takes the role admin", "a: done");
    BROWSER.press("Leave it");

    assertThat(BROWSER.number("[data-key=log] tbody tr")).isEqualTo(1);
    assertThat(BROWSER.text("[data-key=log] tbody")).contains("taskbroker::store", "it is slow");
    assertThat(BROWSER.text("[data-key=log] thead")).contains("Broker");
    BROWSER.assertSound("/configuration");
    BROWSER.click("[data-key=log] tbody button");
    BROWSER.awaitText("Log as configured again at a?");
    BROWSER.confirm("found it");
    BROWSER.await("its end", () -> BROWSER.number("[data-key=log] tbody tr") == 0);
    assertThat(BROWSER.console()).isEmpty();
  }

  /** A row that is parked, of the same key in each store. */
  private static void park(Scene scene, String id) {
    int before = scene.broker.broker().vitals().depths().parked();
    scene.broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "larger than it takes");
    scene.produce(pending(id).deadLettered());
    scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
    scene.broker.await(
        "the row", () -> scene.broker.broker().vitals().depths().parked() == before + 1);
  }

  @Test
  void whatKafkaHasRefused_isSettledWhereItIs_orAtEach_andSaysWhoDidNot() {
    park(a, "row");
    park(b, "row");
    park(b, "other");
    passASecond();
    BROWSER.open(a.url("/kafka"));
    BROWSER.await("three", () -> BROWSER.number("[data-key=parked-rows] tr[data-row]") == 3);
    BROWSER.assertSound("/kafka");
    BROWSER.click("[data-key=parked-rows] tr:nth-child(2) .acts button:last-child");
    BROWSER.awaitText("Drop row at b?");
    BROWSER.confirm("not wanted");
    BROWSER.await("two", () -> BROWSER.number("[data-key=parked-rows] tr[data-row]") == 2);
    assertThat(a.broker.broker().vitals().depths().parked()).isEqualTo(1);

    a.broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    b.broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    c.stop();
    BROWSER.press("Retry all…");
    BROWSER.awaitText("Retry all 2 parked rows on 2 brokers?");
    assertThat(BROWSER.text("dialog"))
        .contains("c: left out. ", "a: 1 row", "b: 1 row", "--broker 'URL of a,URL of b' --all");
    BROWSER.type("dialog [name=reason]", "mended");
    BROWSER.click("dialog .go");
    BROWSER.awaitText("It was not done everywhere.");
    assertThat(BROWSER.text("dialog [role=alert]")).contains("c: left out. ", "a: 1 done");
    assertThat(BROWSER.number("dialog [role=alert] .bad")).as("red lines").isEqualTo(2);
    BROWSER.screenshot("several-parked-in-part");
    BROWSER.press("Leave it");
    for (Scene scene : List.of(a, b)) {
      scene.broker.await(
          "the letter", () -> scene.broker.tasksIn(BrokerFixture.DEAD_LETTERS).size() == 1);
    }
    assertThat(BROWSER.console()).isEmpty();
  }

  @Test
  void aBrokerThatGoes_isOneRow_andAnOrderThatFailsThere_saysSoWhereItWasGiven() {
    fill();
    BROWSER.open(a.url("/queues"));
    BROWSER.awaitText("a and b");
    assertThat(linesOf("tbody tr.l3 th a")).as("lines of a task's name").isEqualTo(1);
    assertThat(linesOf("tr[data-key='[\"shop\"]'] td[data-l=Broker]")).isEqualTo(1);
    b.stop();
    passASecond();

    BROWSER.click("tr[data-key='[\"shop\"]'] .acts button");
    BROWSER.type("dialog [name=reason]", "a deploy");
    BROWSER.click("dialog .go");
    BROWSER.awaitText("It was not done everywhere.");
    assertThat(BROWSER.text("dialog"))
        .contains("b: not done. ", "No admin API answers at", "a: done", "c: done");
    BROWSER.screenshot("several-partial-failure");
    BROWSER.press("Let it run");
    assertThat(a.broker.broker().operations().pauses()).hasSize(1);

    passASecond();
    BROWSER.open(a.url("/"));
    BROWSER.awaitText("Broker b does not answer. What you see is without it");
    BROWSER.await("the row of b", () -> BROWSER.text("tr[data-key='b']").contains("No answer"));
    assertThat(BROWSER.text("tr[data-key='a'] td[data-l=Oldest]")).endsWith(" s");
    assertThat(BROWSER.text("tr[data-key='c'] td[data-l=Oldest]")).isEqualTo("–");
    assertThat(borderOfAct("b")).isNotEqualTo(borderOfAct("a")); // it cannot be pressed
    BROWSER.screenshot("several-one-away");
    BROWSER.assertSound("the overview without b");
  }

  private static int linesOf(String css) {
    Object lines =
        BROWSER.script(
            """
            const words = document.createRange();
            words.selectNodeContents(document.querySelector(arguments[0]));
            return new Set([...words.getClientRects()].map(one => Math.round(one.top))).size;
            """,
            css);
    return ((Number) Objects.requireNonNull(lines)).intValue();
  }

  private static Object borderOfAct(String broker) {
    return Objects.requireNonNull(
        BROWSER.script(
            """
            const row = [...document.querySelectorAll('tr')].find(one => one.dataset.key === arguments[0]);
            return getComputedStyle(row.querySelector('.acts button')).borderTopColor;
            """,
            broker));
  }

  @Test
  void anOrderForSelectedTasks_goesOnWhereABrokerIsAway_andSaysWhatWasDone() {
    b.produce(pending("1"), pending("2"));
    a.produce(pending("3"), pending("4"));
    passASecond();
    BROWSER.open(a.url("/tasks"));
    BROWSER.await("all tasks", () -> BROWSER.number("tr[data-row]") == 4);
    BROWSER.click("thead input[type=checkbox]");
    b.stop();
    BROWSER.press("Cancel…");
    BROWSER.type("dialog [name=reason]", "not wanted");
    BROWSER.click("dialog .go");
    BROWSER.awaitText("It was not done everywhere.");

    assertThat(BROWSER.text("dialog [role=alert]"))
        .contains("b: left out. ", "No admin API answers at", "a: 2 done");
    assertThat(a.stored()).isZero();
    assertThat(b.stored()).isEqualTo(2);
  }
}
