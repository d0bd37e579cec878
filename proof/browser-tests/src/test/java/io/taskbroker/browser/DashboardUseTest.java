package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.push.WorkerGateway.Answer;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.Drain;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.workers.InMemoryWorkers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.openqa.selenium.Keys;

/** What somebody does with the dashboard, and what becomes of it in the broker. */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
class DashboardUseTest {
  private static final Browser BROWSER = new Browser();

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
  }

  // ---------------------------------------------------------------- queues

  @Test
  void anApplication_isPaused_andResumed() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"), pending("b").application("bank"));
      BROWSER.open(scene.url("/queues"));
      BROWSER.click("tr[data-key='[\"shop\"]'] .acts button");
      BROWSER.awaitText("Pause shop?");
      BROWSER.confirm("a deploy");

      BROWSER.await(
          "the pause", () -> BROWSER.text("tr[data-key='[\"shop\"]']").contains("Paused"));
      assertThat(scene.broker.broker().operations().pauses())
          .singleElement()
          .satisfies(
              pause -> {
                assertThat(pause.target().application()).isEqualTo("shop");
                assertThat(pause.reason()).isEqualTo("a deploy");
              });
      assertThat(scene.broker.take().claim().activation().id()).isEqualTo("b");
      assertThat(scene.broker.next()).isEmpty();

      BROWSER.click("tr[data-key='[\"shop\"]'] .acts button");
      BROWSER.awaitText("Resume shop?");
      BROWSER.awaitText("taskbroker resume --application shop --reason '…'");
      BROWSER.confirm("it is done");
      BROWSER.awaitText("Nothing is paused.");
      assertThat(scene.broker.take().claim().activation().id()).isEqualTo("a");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void aTopic_isPausedForAWhile_byItsName_andTheQueuesAreFiltered() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").taskname("pay"), pending("b").taskname("mail"));
      BROWSER.open(scene.url("/queues"));
      BROWSER.type(".filters input", "pay");
      BROWSER.await("the filter", () -> !BROWSER.text("tbody").contains("mail"));
      BROWSER.press("Pause by name…");
      BROWSER.type("dialog [name=topic]", BrokerFixture.TOPIC);
      BROWSER.script("document.querySelector('dialog [name=for]').value = '600'");
      BROWSER.confirm("Kafka moves");

      BROWSER.awaitText("topic taskworker");
      assertThat(scene.broker.broker().operations().pauses())
          .singleElement()
          .satisfies(
              pause ->
                  assertThat(pause.untilMs()).isEqualTo(Long.valueOf(pause.sinceMs() + 600_000)));
      assertThat(scene.broker.next()).isEmpty();
    }
  }

  @Test
  void queues_tellHowLongTasksWaitedAndRan_andWhenTheyWillBeDone() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/queues"));
      assertThat(BROWSER.text()).contains("No task has ended in the last minutes.");
      scene.produce(pending("a"), pending("b"), pending("c"), pending("d"));
      scene.broker.time().advance(Duration.ofSeconds(6));
      BROWSER.await("what came", () -> BROWSER.text("tbody tr").contains("0.7, 0.0"));
      for (int i = 0; i < 3; i++) {
        Delivered task = scene.broker.take();
        scene.broker.time().advance(Duration.ofSeconds(2));
        scene.broker.report(task, Conclusion.COMPLETE);
      }
      scene.broker.await("their ends", () -> scene.broker.broker().vitals().flow().ended() == 3);
      scene.broker.time().advance(Duration.ofSeconds(5));
      BROWSER.await(
          "their times", () -> BROWSER.text("section[data-key=times]").contains("send_receipt"));

      assertThat(BROWSER.text("section[data-key=times] tbody tr")).contains("3", "shop", "2.0 s");
      BROWSER.assertSound("/queues");
    }
  }

  @Test
  void workers_areListed_withWhatTheyHave_andTheTaskNamesItsWorker() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/workers"));
      BROWSER.awaitText("No worker has asked for tasks in the last ten minutes.");
      scene.produce(pending("a").deadline(Duration.ofHours(1)));
      scene.broker.takeAs("10.0.0.5:41234");
      scene.broker.broker().dispatch().programs().tells("10.0.0.5:41234", "mail-worker/2.7.1");
      scene.broker.time().advance(Duration.ofSeconds(12));

      BROWSER.awaitText("10.0.0.5:41234");
      BROWSER.await(
          "the task that it has",
          () ->
              BROWSER
                  .text("section[aria-labelledby='h-workers'] tbody tr")
                  .matches("10.0.0.5:41234 mail-worker/2.7.1 anything 1\\d s ago 1 1\\d s"));

      BROWSER.open(scene.url("/task?id=a"));
      BROWSER.awaitText("With a worker: 10.0.0.5:41234, since");
      BROWSER.await(
          "by when in the time of this browser, as the timeline has it",
          () ->
              BROWSER
                  .text("section[data-key=why]")
                  .contains(
                      "has it, and must report by "
                          + BROWSER.text("[data-key=Deadline] time")
                          + "."));
      assertThat(BROWSER.console()).isEmpty();

      scene.broker.time().advance(Duration.ofMinutes(2)); // after one the broker forgets who asked
      BROWSER.open(scene.url("/workers"));
      BROWSER.await(
          "when it asked",
          () -> BROWSER.text("[data-key=table] tbody tr").contains("2 min 12 s ago"));
      scene
          .broker
          .broker()
          .dispatch()
          .departed()
          .went("10.0.0.5:41234", scene.broker.time().now().wallMs());
      scene.broker.time().advance(Duration.ofSeconds(9));
      BROWSER.await(
          "that it is gone",
          () ->
              BROWSER
                  .text("section[aria-labelledby='h-workers'] tbody tr")
                  .matches("10.0.0.5:41234 .* Gone, \\d+ s ago 1 .*"));
    }
  }

  @Test
  void aTaskThatSomebodyHasCancelled_saysWho_andWhy() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"), pending("b").application("shop"));
      scene.broker.time().advance(Duration.ofSeconds(65));
      BROWSER.open(scene.url("/"));
      BROWSER.awaitText("Backlog by application");
      assertThat(BROWSER.text("section[data-key=backlog] tbody tr")).contains("shop 2 65 s");

      scene.broker.broker().operations().act(new Order("ann", "paid by hand"), Act.CANCEL, "a");

      BROWSER.open(scene.url("/task?id=a"));
      BROWSER.awaitText("It is over: ann has cancelled it, because: paid by hand.");
      assertThat(BROWSER.text("section[data-key=story]"))
          .containsPattern("ann ordered: cancel\\s+Paid by hand[.]");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void anApplicationThatLacksWorkers_isCalledSoOnEachPage_andOneThatIsPausedIsNot() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("done").application("mine"));
      scene.broker.report(scene.broker.takeAs("10.0.0.5:41234"), Conclusion.COMPLETE);
      scene.produce(pending("a").application("mine"), pending("b").application("held"));
      scene
          .broker
          .broker()
          .operations()
          .pause(new Order("ann", "deploy"), PauseTarget.ofApplication("held"), null);
      BROWSER.open(scene.url("/workers"));
      BROWSER.await(
          "who asks",
          () -> BROWSER.text("h1").equals("Workers ask for all that waits and is not paused"));

      scene.broker.time().advance(Duration.ofMinutes(2));

      for (String page : List.of("/workers", "/queues")) {
        BROWSER.open(scene.url(page));
        BROWSER.await(page, () -> BROWSER.text("h1").equals("No worker asks for mine"));
      }
      for (String page : List.of("/workers", "/")) {
        BROWSER.open(scene.url(page));
        String rows = page.equals("/") ? "[data-key=backlog] tbody " : "[data-key=table] tbody ";
        BROWSER.await(
            "both on " + page,
            () ->
                BROWSER.text(rows + "tr:first-child").endsWith("Paused")
                    && BROWSER.text(rows + "tr:last-child").endsWith("No worker asks"));
      }
      BROWSER.awaitText("All work moves; one application has no worker yet");
      BROWSER.await("no red card", () -> BROWSER.number(".stall:not(.soft)") == 0);

      scene.pass(Duration.ofSeconds(8)); // what upkeep finds twice is a stall

      BROWSER.await("heading, tab and cards that agree", DashboardUseTest::doTheyAgree);
    }
  }

  private static boolean doTheyAgree() {
    return BROWSER.number(".stall:not(.soft)") == 1
        && BROWSER.text("h1").equals("One thing stands still")
        && BROWSER.text(".tabs a:first-child b").endsWith("1");
  }

  @Test
  void aTaskWhoseDeadLetterCannotLeave_isAmongTheFailed() {
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/"));
      String failed = ".figures div:last-child dd";
      BROWSER.await("the number", () -> BROWSER.text(failed).equals("1"));
      assertThat(BROWSER.text(".figures div:last-child")).contains("0 since the start");
      BROWSER.click(failed + " a");
      BROWSER.loaded("/tasks");
      assertThat(BROWSER.number("tr[data-row]")).isEqualTo(1);
    }
  }

  @Test
  void theOldestTask_isTheSameInTheFigureAndInItsRow_alsoIfAWorkerHadIt() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      scene.broker.take();
      scene.broker.time().advance(Duration.ofSeconds(24)); // its deadline is over
      scene.broker.await("it to come back", () -> scene.has("a", "PENDING"));

      BROWSER.open(scene.url("/"));
      BROWSER.await(
          "the figure", () -> BROWSER.text(".figures div:nth-child(2) dd").equals("24 s"));
      assertThat(BROWSER.text("[data-key=backlog] td[data-l=Oldest]")).isEqualTo("24 s");
    }
  }

  @Test
  void workersThatHaveNotAskedForAWhile_areNotSaidToAsk() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"), pending("b"));
      scene.broker.take();
      for (String page : List.of("/", "/queues", "/workers")) {
        BROWSER.open(scene.url(page));
        BROWSER.await(page, () -> BROWSER.text("tbody .lead").equals("Workers ask"));
      }

      scene.broker.time().advance(Duration.ofSeconds(24));

      for (String page : List.of("/", "/queues", "/workers")) {
        BROWSER.open(scene.url(page));
        BROWSER.await(page, () -> BROWSER.text("tbody .lead").equals("Asked 24 s ago"));
      }
    }
  }

  @Test
  void workersThatAreCalled_areListed_withWhyTheyTakeNothing() {
    InMemoryWorkers workers = InMemoryWorkers.of("bank", "shop");
    workers.answer("bank", new Answer.Refused("away"));
    BrokerFixture calling = BrokerFixture.builder().workers(workers).start();
    try (Scene scene = Scene.of(calling)) {
      calling.produce(pending("a").application("bank"));
      calling.await("a refused push", () -> !calling.broker().stalls().current().isEmpty());
      BROWSER.open(scene.url("/workers"));

      BROWSER.await("both", () -> BROWSER.number("[data-key=called] tbody tr") == 2);
      assertThat(BROWSER.text("[data-key=called] tbody tr:first-child"))
          .isEqualTo("in-memory:1 bank Takes nothing 1 1 0 away");
      assertThat(BROWSER.text("[data-key=called] tbody tr:last-child"))
          .isEqualTo("in-memory:1 shop Takes tasks 1 0 0");
      assertThat(BROWSER.text("h1")).isEqualTo("No worker of bank takes a task");
      assertThat(BROWSER.text()).doesNotContain("No worker has asked for tasks");
      BROWSER.assertSound("/workers");
      BROWSER.screenshot("workers-called");
      assertThat(BROWSER.text("[data-key=table] tbody tr")).endsWith("Takes nothing");
      for (String page : List.of("/", "/queues")) {
        BROWSER.open(scene.url(page));
        BROWSER.await(page, () -> BROWSER.text("tbody tr[data-row] .lead").equals("Takes nothing"));
      }
    }
  }

  @Test
  void whatRunsNext_isInOrder_andMayRunAtOnce() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/"));
      BROWSER.keys("gl");
      BROWSER.awaitText("Nothing waits for its time");
      assertThat(BROWSER.text()).contains("How a task comes here", "taskbroker upcoming");

      long start = scene.broker.time().now().wallMs();
      scene.produce(
          delayed("in-2-h", start + Duration.ofHours(2).toMillis()).application("billing"),
          delayed("in-10-min", start + Duration.ofMinutes(10).toMillis()));
      BROWSER.awaitText("2 tasks wait for their time");
      assertThat(BROWSER.text()).contains("1 within the hour, 1 later", "the next is due in");
      assertThat(BROWSER.text("section[data-key=next] tbody tr:first-child")).contains("in-10-min");
      assertThat(BROWSER.text("section[data-key=by] tbody tr:first-child")).contains("shop");

      BROWSER.click("section[data-key=next] tbody tr:first-child .acts button");
      BROWSER.confirm("a customer asks");
      BROWSER.awaitText("1 task waits for its time");
      assertThat(scene.has("in-10-min", "PENDING")).isTrue();
      BROWSER.assertSound("/upcoming");
    }
  }

  @Test
  void aClusterThatIsAway_isInTheHeading_besideAPartitionWithoutALeader() {
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/kafka"));
      BROWSER.awaitText("1 partition has no leader, and Kafka does not tell of 1 topic");
      assertThat(BROWSER.text("[aria-label=orders] .stall:not(.soft)"))
          .isEqualTo("Kafka at kafka-9:9092 does not answer.");
      assertThat(color(".stall .ctl")).isEqualTo(color("h1"));
    }
  }

  private static Object color(String css) {
    return Objects.requireNonNull(
        BROWSER.script("return getComputedStyle(document.querySelector(arguments[0])).color", css));
  }

  @Test
  void onAPhone_noListScrollsByItself() {
    BROWSER.sized(390, 844);
    try (Scene scene = Scene.open().lively()) {
      for (String page : List.of("/workers", "/kafka", "/queues")) {
        BROWSER.open(scene.url(page));
        assertThat(BROWSER.number(".scroll table")).as(page).isPositive();
        assertThat(
                BROWSER.script(
                    """
                    return [...document.querySelectorAll('.scroll')]
                      .filter(one => one.scrollHeight > one.clientHeight)
                      .map(one => one.innerText).join();
                    """))
            .as(page)
            .isEqualTo("");
      }
    }
  }

  @Test
  void onAPhone_theLastTabIsClear_andAllButtonsAreSeen() {
    BROWSER.sized(390, 844);
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/audit"));
      assertThat(rightmost(".tabs [aria-current]")).isLessThan(390 * 0.85); // where it fades
      BROWSER.open(scene.url("/tasks?state=pending"));
      assertThat(BROWSER.number(".bulk button")).isPositive();
      assertThat(rightmost(".bulk button, .chips label")).isLessThanOrEqualTo(390);
    }
  }

  private static double rightmost(String css) {
    Object right =
        BROWSER.script(
            """
            return Math.max(...[...document.querySelectorAll(arguments[0])]
              .map(one => one.getBoundingClientRect().right));
            """,
            css);
    return ((Number) Objects.requireNonNull(right)).doubleValue();
  }

  // ---------------------------------------------------------------- parked rows

  @Test
  void whatKafkaHasRefused_isShown_retried_andDropped() {
    try (Scene scene = Scene.open()) {
      scene.broker.publisher().refuseContent(BrokerFixture.DEAD_LETTERS, "larger than it takes");
      scene.produce(pending("a").deadLettered());
      scene.produce(pending("b").deadLettered()); // of another partition, which may be read first
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await("them", () -> scene.broker.broker().vitals().depths().parked() == 2);
      BROWSER.open(scene.url("/kafka"));
      BROWSER.awaitText("larger than it takes");
      BROWSER.click("[data-key=parked-rows] tbody tr:first-child .acts button:last-child");
      BROWSER.awaitText("Drop a?");
      BROWSER.confirm("not wanted");
      BROWSER.await("one", () -> BROWSER.number("[data-key=parked-rows] tr[data-row]") == 1);

      scene.broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
      BROWSER.press("Retry all…");
      BROWSER.awaitText("Retry the one parked row?");
      BROWSER.confirm("mended");
      scene.broker.await(
          "the letter", () -> scene.broker.tasksIn(BrokerFixture.DEAD_LETTERS).size() == 1);
      BROWSER.await("none", () -> BROWSER.number("[data-key=parked-rows]") == 0);
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  // ---------------------------------------------------------------- draining

  @Test
  void theBroker_isDrained_saysWhenItIsEmpty_andTakesTasksInAgain() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      BROWSER.open(scene.url("/"));
      BROWSER.click("[data-key=top] button");
      BROWSER.awaitText("Drain this broker?");
      BROWSER.click("dialog [name=exit]");
      BROWSER.awaitText("taskbroker drain --exit-when-empty --reason '…' --yes");
      BROWSER.click("dialog [name=exit]");
      BROWSER.awaitText("taskbroker drain --reason '…' --yes");
      BROWSER.confirm("a deploy");

      BROWSER.awaitText("This broker drains, as local has ordered, because: a deploy");
      assertThat(scene.broker.broker().draining().sight())
          .hasValueSatisfying(
              sight -> assertThat(sight.order().onEmpty()).isEqualTo(Drain.OnEmpty.STAY));
      scene.broker.report(scene.broker.take(), Conclusion.COMPLETE);
      BROWSER.awaitText("Drained: nothing is here, and nothing is taken in");

      BROWSER.press("End the drain…");
      BROWSER.awaitText("End the drain?");
      BROWSER.awaitText("taskbroker drain --end --reason '…'");
      BROWSER.confirm("it is deployed");
      BROWSER.await("the end", () -> scene.broker.broker().draining().sight().isEmpty());
      BROWSER.await("the page", () -> !BROWSER.text().contains("Drained:"));
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  // ---------------------------------------------------------------- tasks

  @Test
  void tasks_areFound_turnedOver_andOpened() {
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/tasks"));
      assertThat(BROWSER.number("tr[data-row]")).isEqualTo(50);
      BROWSER.press("Younger");
      BROWSER.await("the second page", () -> BROWSER.number("tr[data-row]") == 15);
      BROWSER.press("Older");
      BROWSER.await("the first page", () -> BROWSER.number("tr[data-row]") == 50);

      BROWSER.type("[name=task]", "send_reminder", Keys.ENTER);
      BROWSER.await("the only one", () -> BROWSER.number("tr[data-row]") == 1);
      assertThat(BROWSER.url()).contains("task=send_reminder");
      BROWSER.click("tr[data-row] a.id");
      BROWSER.loaded("/task");
      assertThat(BROWSER.text()).contains("Its delay is over in");
      BROWSER.type(".find input", "e01", Keys.ENTER);
      BROWSER.awaitText("A worker reported that it failed.");
      assertThat(BROWSER.number("tr[data-row]")).isEqualTo(1);
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void tasks_areFoundByTheirAge() {
    try (Scene scene = Scene.open()) {
      long start = scene.broker.time().now().wallMs();
      scene.produce(
          pending("old").receivedAt(start - Duration.ofHours(2).toMillis()), pending("new"));
      BROWSER.open(scene.url("/tasks"));
      BROWSER.await("both", () -> BROWSER.number("tr[data-row]") == 2);
      BROWSER.click("[name=older_than_seconds] option[value='3600']");
      BROWSER.await("the old one", () -> BROWSER.number("tr[data-row]") == 1);
      assertThat(BROWSER.url()).contains("older_than_seconds=3600");
      BROWSER.press("Cancel…");
      BROWSER.awaitText("--older-than 3600s");
      BROWSER.confirm("too old");
      BROWSER.awaitText("Cancelled: 1 task.");
      assertThat(scene.has("new", "PENDING")).isTrue();

      BROWSER.open(scene.url("/tasks?older_than_seconds=90"));
      BROWSER.await("none", () -> BROWSER.number("tr[data-row]") == 0);
      assertThat(BROWSER.text("[name=older_than_seconds] option:checked")).isEqualTo("90 s");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void aFilterThatFindsNothing_saysHowItIsCleared() {
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/tasks?application=nobody"));
      assertThat(BROWSER.text()).contains("No task matches", "1 filter is set");
      BROWSER.click(".panel a[href='/tasks']");
      BROWSER.await("all tasks", () -> BROWSER.number("tr[data-row]") == 50);
    }
  }

  @Test
  void someTasks_andAllThatMatch_areCancelled() {
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/tasks?application=shop&task=unsubscribe"));
      BROWSER.click("tr[data-row]:nth-child(1) [type=checkbox]");
      BROWSER.click("tr[data-row]:nth-child(2) [type=checkbox]");
      BROWSER.awaitText("2 selected");
      BROWSER.press("Cancel…");
      BROWSER.awaitText("Cancel 2 tasks?");
      BROWSER.awaitText("They end without another attempt.");
      BROWSER.confirm("not wanted");
      BROWSER.awaitText("Cancelled: 2 tasks.");
      assertThat(scene.stored()).isEqualTo(63);

      BROWSER.press("Cancel…");
      BROWSER.awaitText("Cancel 28 tasks?");
      assertThat(BROWSER.text()).contains("A dry run. Nothing has been done yet.");
      assertThat(scene.stored()).isEqualTo(63);
      BROWSER.confirm("not wanted either");
      BROWSER.awaitText("No task matches");
      assertThat(scene.stored()).isEqualTo(35);
      assertThat(scene.broker.broker().operations().audit().getFirst().reason())
          .isEqualTo("not wanted either");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void anActWithoutAReason_isNotSent() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      BROWSER.open(scene.url("/task?id=a"));
      BROWSER.press("Cancel…");
      BROWSER.click("dialog .go");
      assertThat(BROWSER.number("dialog[open]")).isEqualTo(1);
      BROWSER.keys(Keys.ESCAPE);
      BROWSER.await("the end of the question", () -> BROWSER.number("dialog") == 0);
      BROWSER.await(
          "the focus where it was",
          () -> "Cancel…".equals(BROWSER.script("return document.activeElement.textContent")));
      assertThat(scene.stored()).isEqualTo(1);
    }
  }

  // ---------------------------------------------------------------- one task

  @Test
  void eachAct_isDoneToTheTaskThatItIsFor() {
    try (Scene scene = Scene.open().lively()) {
      act(scene, "0198f3a2-4d70-7a1c-97e2-5bd01f7c6e24", "Run now…");
      assertThat(scene.has("0198f3a2-4d70-7a1c-97e2-5bd01f7c6e24", "PENDING")).isTrue();
      act(scene, "0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02", "Give back…");
      assertThat(scene.has("0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e02", "PENDING")).isTrue();
      act(scene, "0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01", "Requeue…");
      assertThat(scene.has("0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01", "PENDING")).isTrue();
      act(scene, "0198f3a1-7c02-7d1e-9b41-6f0c2f8a1e01", "End as complete…");
      BROWSER.awaitText("It is over");
      BROWSER.await(
          "nothing that can be done", () -> BROWSER.number(".do button:not(:disabled)") == 0);

      BROWSER.open(scene.url("/audit"));
      assertThat(BROWSER.text()).contains("4 orders were given", "requeue task", "for a test");
    }
  }

  private static void act(Scene scene, String id, String words) {
    BROWSER.open(scene.url("/task?id=" + id));
    BROWSER.press(words);
    BROWSER.confirm("for a test");
    BROWSER.awaitText("1 task.");
  }

  @Test
  void aFailedTaskThatIsKept_isFound_saysWhy_andIsTriedAgain() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("kept"));
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await(
          "the task to be over",
          () -> scene.broker.broker().operations().tasks().findEnded("kept").isPresent());

      BROWSER.open(scene.url("/"));
      BROWSER.awaitText("All is well: nothing waits");
      BROWSER.open(scene.url("/task?id=kept"));
      BROWSER.awaitText("its producer wants no dead letter");
      act(scene, "kept", "Requeue…");

      assertThat(scene.has("kept", "PENDING")).isTrue();
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void theConfiguration_isSearched_andShowsWhatSomebodyWrote() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/configuration"));
      BROWSER.awaitText("store.sync");
      BROWSER.type("input[type=search]:not([name])", "PENDING");
      BROWSER.awaitNoText("store.sync");
      assertThat(BROWSER.text()).contains("store.max_pending_count", "broker.yml:7");

      BROWSER.open(scene.url("/configuration"));
      BROWSER.awaitText("store.sync");
      BROWSER.click("option[value=given]");
      BROWSER.awaitNoText("store.sync");
      assertThat(BROWSER.text()).contains("kafka_clusters.main.sasl_password", "******");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void whatIsLogged_isChanged_andGoesBack() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/configuration"));
      BROWSER.awaitText("What is logged");
      BROWSER.press("Log more or less…");
      BROWSER.awaitText("taskbroker log-level debug --for 10m --reason '…'");
      BROWSER.type("dialog [name=target]", "taskbroker::store");
      BROWSER.awaitText("taskbroker log-level debug taskbroker::store --for 10m --reason '…'");
      BROWSER.screenshot("ask-log-level");
      BROWSER.assertSound("the question");
      BROWSER.confirm("it is slow");
      BROWSER.await(
          "the change", () -> BROWSER.text("[data-key=log]").contains("taskbroker::store"));
      assertThat(BROWSER.text("[data-key=log]"))
          .contains("debug", "it is slow")
          .containsPattern("in (10 min|9 min 59 s)"); // the browser's clock goes on

      BROWSER.click("[data-key=log] tbody button");
      BROWSER.confirm("found it");
      BROWSER.await("its end", () -> !BROWSER.text("[data-key=log]").contains("taskbroker::store"));
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void kafkaAndRules_areOneKeyAway_andChangeWhileSomebodyLooks() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/"));
      BROWSER.keys("gk");
      BROWSER.awaitText("No topic is declared");
      BROWSER.keys("gr");
      BROWSER.awaitText("No rule is in force");

      scene.rules();

      BROWSER.awaitText("3 rules are in force");
      assertThat(BROWSER.text()).contains("argument 0 is \"spam@example.org\"");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void aRule_isTriedFirst_putInForce_andEnded() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").taskname("newsletter"), pending("b").taskname("pay"));
      BROWSER.open(scene.url("/rules"));
      BROWSER.press("New rule…");
      BROWSER.awaitText("Which rule?");
      BROWSER.type("dialog [name=name]", "newsletter");
      BROWSER.press("Try it");
      BROWSER.awaitText("It would drop 1 stored task now");
      assertThat(scene.stored()).isEqualTo(2);
      BROWSER.screenshot("ask-rule");
      BROWSER.assertSound("the question");
      BROWSER.confirm("too many");

      BROWSER.awaitText("1 rule is in force");
      scene.broker.await("the drop", () -> scene.stored() == 1);
      assertThat(scene.broker.broker().rules().orders())
          .singleElement()
          .satisfies(order -> assertThat(order.reason()).isEqualTo("too many"));
      assertThat(BROWSER.text("tbody")).contains("newsletter", "too many");

      BROWSER.click("tbody .acts button");
      BROWSER.awaitText("End this rule: Drop newsletter?");
      BROWSER.confirm("it was a mistake");
      BROWSER.awaitText("No rule is in force");
      assertThat(scene.broker.broker().rules().orders()).isEmpty();
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void whatCameInBetween_isSaidWhereTheQuestionWas() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").atMostOnce());
      BROWSER.open(scene.url("/task?id=a"));
      BROWSER.press("Cancel…");
      scene.broker.take();
      BROWSER.type("dialog [name=reason]", "too late");
      BROWSER.click("dialog .go");
      BROWSER.awaitText("runs at most once, and a worker may have begun it");
      assertThat(BROWSER.number("dialog[open]")).isEqualTo(1);
      BROWSER.press("Leave it");
      BROWSER.awaitText("Not possible: it runs at most once");
    }
  }

  @Test
  void arguments_areMasked_untilSomebodyGivesAReason() {
    try (Scene scene = Scene.open()) {
      scene.produce(
          pending("a").payload(Scene.sent(Map.of("tenant", "eu-2"), "ann@example.org", "en_GB")));
      BROWSER.open(scene.url("/task?id=a"));
      BROWSER.awaitText("text, 15 characters");
      assertThat(BROWSER.text()).contains("number, 8 characters", "tenant", "2 of 5");
      assertThat(BROWSER.text(".headers tbody")).contains("tenant").doesNotContain("broker");
      assertThat(BROWSER.text()).doesNotContain("ann@example.org", "eu-2");

      BROWSER.press("Show the values…");
      BROWSER.confirm("a complaint");
      BROWSER.awaitText("\"ann@example.org\"");
      assertThat(BROWSER.text()).contains("70000001", "eu-2");
      BROWSER.click(".tabs a[href='/audit']");
      BROWSER.awaitText("show the arguments of task 'a'");
      assertThat(BROWSER.text()).contains("a complaint");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  // ---------------------------------------------------------------- what is not well

  @Test
  void whatProducersWrite_staysText() {
    String evil = "<img src=x onerror=\"window.hacked=1\"><script>window.hacked=2</script>'\"&";
    try (Scene scene = Scene.open()) {
      scene.broker.publisher().refuse(BrokerFixture.DEAD_LETTERS, evil);
      Activations task =
          pending(evil)
              .application(evil)
              .namespace(evil)
              .taskname(evil)
              .deadLettered()
              .payload(Scene.sent(Map.of(evil, evil), evil));
      scene.produce(task);
      BROWSER.open(scene.url("/task?id=" + encoded(evil)));
      assertThat(BROWSER.text("h1")).isEqualTo(evil);
      BROWSER.press("Show the values…");
      BROWSER.confirm(evil);
      BROWSER.await("the values", () -> BROWSER.text("#arguments").contains("onerror"));
      BROWSER.open(scene.url("/queues"));
      BROWSER.click("tbody tr .acts button");
      BROWSER.confirm(evil);
      BROWSER.awaitText("Paused");
      BROWSER.press("Resume…");
      BROWSER.confirm(evil);
      scene.broker.report(scene.broker.take(), io.taskbroker.domain.Conclusion.FAILURE);
      scene.broker.await("the stall", () -> !scene.broker.broker().stalls().current().isEmpty());
      for (String path : new String[] {"/", "/queues", "/tasks", "/workers", "/audit"}) {
        BROWSER.open(scene.url(path));
        BROWSER.await("what was written", () -> BROWSER.text().contains("onerror"));
        BROWSER.assertSound(path);
      }
      BROWSER.open(scene.url("/tasks?application=" + encoded(evil)));
      assertThat(BROWSER.number("tr[data-row]")).isEqualTo(1);

      assertThat(BROWSER.script("return window.hacked")).isNull();
      assertThat(BROWSER.number("main img, main script")).isZero();
    }
  }

  private static String encoded(String text) {
    return java.net.URLEncoder.encode(text, java.nio.charset.StandardCharsets.UTF_8);
  }

  @Test
  void textNeverBecomesMarkup_evenIfAScriptOfOursTried() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/"));
      assertThat(
              BROWSER.script(
                  "try { document.body.innerHTML = '<b>x</b>'; return 'taken'; }"
                      + " catch (e) { return e.name; }"))
          .isEqualTo("TypeError");
    }
  }

  @Test
  void numbersMoveByThemselves_untilTheyAreStopped_andTheLostConnectionIsSaid() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"));
      BROWSER.open(scene.url("/"));
      String waiting = ".figures div:first-child dd";
      BROWSER.await("one", () -> BROWSER.text(waiting).equals("1"));
      scene.produce(pending("b"), pending("c"));
      BROWSER.await("three", () -> BROWSER.text(waiting).equals("3"));

      BROWSER.press("Live");
      BROWSER.awaitText("Stopped");
      scene.produce(pending("d"));
      BROWSER.press("Stopped");
      BROWSER.await("four", () -> BROWSER.text(waiting).equals("4"));
      assertThat(BROWSER.console()).isEmpty();

      scene.stop();
      BROWSER.awaitText("No connection. What you see is");
      BROWSER.awaitText("The broker cannot be reached");
      assertThat(BROWSER.text(waiting)).isEqualTo("4");
      assertThat(BROWSER.number("[data-key=top] button:disabled")).as("drain").isEqualTo(1);
      assertThat(BROWSER.barriers()).isEmpty();
      BROWSER.screenshot("lost-light-1280");
    }
  }

  // ---------------------------------------------------------------- dead letters

  @Test
  void deadLetters_areLookedAt_requeuedAsATrial_andDropped() {
    try (Scene scene = Scene.open()) {
      for (int i = 0; i < 3; i++) {
        scene.letter("a" + i, "mail", "timeout after %d s".formatted(i));
      }
      scene.letter("b", "pay", "refused");
      BROWSER.open(scene.url("/dead-letters"));
      BROWSER.awaitText("4 dead letters are open");
      assertThat(BROWSER.text()).contains("timeout after # s");

      BROWSER.click("tbody tr:first-child th a");
      BROWSER.await(
          "the three", () -> BROWSER.text("section[data-key=list]").contains("Those that match"));
      assertThat(BROWSER.text("section[data-key=list]")).contains("timeout after 2 s");
      BROWSER.click("section[data-key=list] tbody tr:first-child a");
      BROWSER.awaitText("Its new id then");
      assertThat(BROWSER.text("#arguments")).doesNotContain("ann@example.org");
      BROWSER.press("Show the values…");
      BROWSER.confirm("a customer asks");
      BROWSER.await("them", () -> BROWSER.text("#arguments").contains("ann@example.org"));

      BROWSER.open(scene.url("/dead-letters"));
      BROWSER.click("tbody tr:first-child .acts button");
      BROWSER.awaitText("Requeue 3 dead letters?");
      BROWSER.click("dialog [name=most] option[value='1']");
      BROWSER.type("dialog [name=rate]", "7");
      BROWSER.awaitText(" --rate 7 --most 1 --reason '…' --yes");
      BROWSER.confirm("the server is back");
      BROWSER.awaitText("3 dead letters are open");
      BROWSER.awaitText("Last: requeued"); // or another run could not begin
      assertThat(scene.broker.tasksIn(Scene.REQUEUED)).hasSize(1);

      assertThat(color("tbody .acts button.stop")).isNotEqualTo(color("tbody .acts .bare"));
      BROWSER.click("tbody tr:last-child .acts button.stop");
      BROWSER.awaitText("Drop 1 dead letter?");
      BROWSER.confirm("it was paid");
      BROWSER.awaitText("2 dead letters are open");
      assertThat(scene.broker.tasksIn(Scene.REQUEUED)).hasSize(1);
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void aTaskThatBecameADeadLetter_isToldAsFailed_andLeadsToIt() {
    try (Scene scene = Scene.open()) {
      scene.broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
      scene.produce(pending("lost").taskname("mail").deadLettered());
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);
      scene.broker.await(
          "the task to be over",
          () -> scene.broker.broker().operations().tasks().findEnded("lost").isPresent());
      scene.letter("lost", "mail", "timeout");

      BROWSER.open(scene.url("/task?id=lost"));
      BROWSER.awaitText("Over, failed");
      assertThat(BROWSER.text()).contains("Mend the cause").doesNotContain("Nothing is to be done");
      BROWSER.click("section[data-key=why] a");
      BROWSER.awaitText("Once requeued, goes to");
      assertThat(BROWSER.text("section[data-key=one]")).contains("lost", "timeout");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void aRunOverDeadLetters_isStopped_andGoesOn() {
    try (Scene scene = Scene.open()) {
      for (int i = 0; i < 600; i++) { // one a second: longer than anybody waits here
        scene.letter("a" + i, "mail", "timeout after %d s".formatted(i));
      }
      BROWSER.open(scene.url("/dead-letters"));
      BROWSER.click("tbody tr:first-child .acts button");
      BROWSER.awaitText("Requeue 600 dead letters?");
      BROWSER.script("document.querySelector('dialog [name=rate]').value = '1'");
      BROWSER.confirm("the server is back");
      BROWSER.awaitText("Being requeued: ");
      BROWSER.await(
          "how far it is, and for how long",
          () ->
              Pattern.compile("(600|59\\d) left, which takes about 10 min\\.")
                  .matcher(BROWSER.text("[data-key=run]"))
                  .find());
      BROWSER.screenshot("dead-letters-run-light-1280");
      BROWSER.press("Stop…");
      BROWSER.confirm("it is down again");
      BROWSER.awaitText("Stopped: requeued");
      BROWSER.press("Go on…");
      BROWSER.confirm("it is up again");
      BROWSER.awaitText("Being requeued: ");
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void aStall_isInTheTitle_andGoesWithItsCause() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a"), pending("b"));
      scene.broker.take();
      BROWSER.open(scene.url("/"));
      BROWSER.awaitText("All work moves");
      scene
          .broker
          .broker()
          .stalls()
          .begin("Intake of topic \"x\"", "Kafka is away", "Look at Kafka.");
      BROWSER.awaitText("One thing stands still");
      BROWSER.await(
          "the title",
          () -> String.valueOf(BROWSER.script("return document.title")).startsWith("(1) "));
      BROWSER.awaitText("Kafka is away.");
      assertThat(BROWSER.text()).contains("Look at Kafka.");
      scene.broker.broker().stalls().end("Intake of topic \"x\"");
      BROWSER.awaitText("All work moves");
    }
  }

  // ---------------------------------------------------------------- who looks

  @Test
  void aToken_beginsASession_andItsEndLeadsBackToTheToken() {
    try (Scene scene = new Scene(Optional.empty())) {
      scene.produce(pending("a"));
      BROWSER.open(scene.url("/task?id=a"), "/sign-in");
      BROWSER.assertOnly401();
      BROWSER.type("[name=token]", "no such token at all", Keys.ENTER);
      BROWSER.awaitText("The broker does not know this token.");
      BROWSER.assertOnly401();
      BROWSER.type("[name=token]", Scene.OPERATOR, Keys.ENTER);
      BROWSER.loaded("/task");
      BROWSER.awaitText("otto, operator");
      assertThat(BROWSER.script("return document.cookie")).isEqualTo("");
      assertThat(BROWSER.console()).isEmpty();

      scene.broker.time().advance(Duration.ofHours(13));
      BROWSER.loaded("/sign-in");
      BROWSER.awaitText("your session is over");
      BROWSER.type("[name=token]", Scene.VIEWER, Keys.ENTER);
      BROWSER.loaded("/task");
      BROWSER.awaitText("This takes the role operator, and vera is a viewer.");
      assertThat(BROWSER.number(".do button:not(:disabled)")).isZero();

      BROWSER.press("Sign out");
      BROWSER.loaded("/sign-in");
      BROWSER.open(scene.url("/queues"), "/sign-in");
    }
  }

  @Test
  void theKeyboard_isEnough() {
    try (Scene scene = Scene.open().lively()) {
      BROWSER.open(scene.url("/"));
      BROWSER.keys("gt");
      BROWSER.loaded("/tasks");
      BROWSER.keys("j");
      BROWSER.keys("x");
      BROWSER.awaitText("1 selected");
      BROWSER.keys(Keys.ENTER);
      BROWSER.loaded("/task");
      BROWSER.keys("?");
      BROWSER.awaitText("Single keys work");
      BROWSER.keys(Keys.ESCAPE);
      BROWSER.awaitNoText("Single keys work");
      BROWSER.keys("/");
      BROWSER.keys("close_month" + Keys.ENTER);
      BROWSER.loaded("/tasks");
      assertThat(BROWSER.url()).contains("id_part=close_month");
      BROWSER.keys("gq");
      BROWSER.loaded("/queues");
      BROWSER.keys(Keys.TAB);
      assertThat(BROWSER.console()).isEmpty();
    }
  }

  @Test
  void theThemeThatSomebodyChooses_stays() {
    try (Scene scene = Scene.open()) {
      BROWSER.open(scene.url("/"));
      BROWSER.click("button[title='Light or dark']");
      assertThat(BROWSER.script("return document.documentElement.dataset.theme")).isEqualTo("dark");
      BROWSER.open(scene.url("/queues"));
      assertThat(BROWSER.script("return getComputedStyle(document.body).backgroundColor"))
          .isEqualTo("rgb(19, 21, 24)");
      BROWSER.assertSound("/queues");
    }
  }
}
