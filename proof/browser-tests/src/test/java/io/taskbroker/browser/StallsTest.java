package io.taskbroker.browser;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.operations.Order;
import io.taskbroker.bootstrap.operator.WhyCommand;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.journal.CrampedJournal;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import picocli.CommandLine;

/**
 * What stands still is the first thing that somebody reads who opens the dashboard. Each cause that
 * operators meet is brought about on a clock that a test sets: ten seconds later a line of the log,
 * the command {@code why} and the page name it, why, and what to do.
 *
 * <p>A Kafka that goes away takes a real one: {@link TenStallsTest}, which brings all of this about
 * in the packaged broker, too.
 */
@ExtendWith(NeedsBrowser.class)
@Timeout(600)
class StallsTest {
  private static final Browser BROWSER = new Browser();

  private final CapturedLog log = new CapturedLog(Logger.ROOT_LOGGER_NAME);

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
    log.close();
  }

  private static void passTenSeconds(Scene scene) {
    scene.pass(Duration.ofSeconds(10));
    scene.broker.awaitUpkeep();
  }

  private static void letTheDeadlinePass(Scene scene) {
    scene.pass(Duration.ofSeconds(14));
    scene.broker.awaitUpkeep();
  }

  private static Scene limited(long maxPending, @Nullable Long maxBytes) {
    return Scene.of(
        BrokerFixture.builder()
            .limits(
                new Backpressure.Limits(
                    maxPending, 100, 100, 100, maxBytes, Long.MAX_VALUE, Long.MAX_VALUE))
            .start());
  }

  private static void awaitStall(Scene scene, String what) {
    scene.passUntil(
        "the line about it", () -> scene.broker.broker().stalls().current().containsKey(what));
    scene.pass(Duration.ofSeconds(10));
  }

  /** What the command says, in one line: its layout is not what matters here. */
  private static String why(Scene scene) {
    var out = new StringWriter();
    int code =
        new CommandLine(new WhyCommand())
            .setOut(new PrintWriter(out))
            .execute("--broker", scene.url(""));
    assertThat(code).isZero();
    return out.toString();
  }

  /**
   * Opens the dashboard, and waits until it says all of it, and nothing else.
   *
   * @param besides other boxes, about what comes of it or has led to it
   */
  private void assertNamed(Scene scene, String shot, Said said, String... besides) {
    assertThat(log.lines()).anyMatch(line -> said.line().stream().allMatch(line::contains));
    assertThat(said.isIn(why(scene))).as(why(scene)).isTrue();
    BROWSER.open(scene.url("/"));
    BROWSER.await("the box about " + said.what(), () -> said.isOn(BROWSER));
    BROWSER.screenshot("stall-" + shot);
    assertThat(titles())
        .containsExactlyInAnyOrderElementsOf(
            Stream.concat(Stream.of(said.what()), Stream.of(besides)).toList());
    int red = BROWSER.number(".stall:not(.soft)");
    assertThat(BROWSER.text(".tabs [aria-current]"))
        .matches(red == 0 ? "Overview" : "Overview\\D*" + red);
    BROWSER.assertSound(shot);
  }

  private static List<String> titles() {
    Object titles =
        BROWSER.script(
            "return [...document.querySelectorAll('.stall h3')].map(one => one.innerText)");
    return ((List<?>) Objects.requireNonNull(titles)).stream().map(String::valueOf).toList();
  }

  @Test
  void noWorkerForAnApplication() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"));

      passTenSeconds(scene);

      assertNamed(
          scene,
          "no-worker",
          Said.standstill(
              "Application 'shop'",
              "1 task waits, and no worker has asked for that since the broker started",
              "Start a worker of that application"));
      BROWSER.press("Its tasks");
      BROWSER.loaded("/tasks");
      BROWSER.click("tr[data-row] a.id");
      BROWSER.awaitText("No worker has asked for application 'shop' since the broker started");
    }
  }

  @Test
  void anApplicationThatIsPaused() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"));

      scene
          .broker
          .broker()
          .operations()
          .pause(new Order("ann", "a deploy"), PauseTarget.ofApplication("shop"), null);
      passTenSeconds(scene);

      assertNamed(
          scene,
          "paused",
          new Said(
              List.of("ann ordered: pause application 'shop'", "because: a deploy"),
              "Tasks of application 'shop'",
              "paused by ann, because: a deploy",
              "End the pause with 'resume'",
              "all that waits is paused"));
    }
  }

  @Test
  void aKillSwitchInForce() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop").deadline(Duration.ofHours(1)));
      scene.broker.take();
      scene
          .broker
          .rules()
          .set(new Rules(new KillSwitch(Set.of("newsletter"), List.of()), Demotion.NONE));
      passTenSeconds(scene);

      assertNamed(
          scene,
          "kill-switch",
          new Said(
              List.of(), // RulesFile says it, which is not in this broker
              "Tasks named 'newsletter'",
              "a kill switch drops all of them, or those that its selector finds",
              "Take it out of the file of rules",
              "rules"));
    }
  }

  @Test
  void maxPendingCount_filledByAnApplicationThatIsAbsent() {
    try (Scene scene = limited(3, null)) {
      scene.produce(
          pending("1").application("gone"),
          pending("2").application("gone"),
          pending("3").application("gone"));
      scene.broker.produce(pending("late").application("shop"));

      awaitStall(scene, "Intake of topic taskworker");

      assertNamed(
          scene,
          "pending-limit",
          Said.standstill(
              "Intake of topic taskworker",
              "store.max_pending_count allows: 3 of application 'gone' (nobody has asked for them",
              "start or add workers of the applications named"),
          "Application 'gone'");
    }
  }

  @Test
  void workersThatHangUntilDeadlines() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("a").application("shop"), pending("b").application("shop"));
      scene.broker.take();
      scene.broker.take();
      letTheDeadlinePass(scene);

      passTenSeconds(scene);

      assertNamed(
          scene,
          "hanging-workers",
          Said.standstill(
              "Work of application 'shop'",
              "2 deadlines have passed since a worker last reported on a task",
              "Look at what the workers hang in"));
      BROWSER.press("To the workers");
      BROWSER.loaded("/workers");
    }
  }

  @Test
  void tasksThatAreDelayedIntoTheFuture() {
    try (Scene scene = Scene.open()) {
      scene.produce(Scene.later("later"));

      passTenSeconds(scene);

      assertNamed(
          scene,
          "delayed",
          new Said(
              List.of("All that is stored: its producer has delayed the one task", "run-now"),
              "All that is stored",
              "its producer has delayed the one task that is here",
              "Wait, or let them run at once with 'run-now'",
              ""));
      BROWSER.awaitText("All is well: what is here waits for its time");
      assertThat(BROWSER.number(".stall.soft")).isEqualTo(1);
    }
  }

  @Test
  void aPoisonTaskThatIsHandedOutAgainAndAgain_whileOthersAreDone() {
    try (Scene scene = Scene.open()) {
      scene.produce(pending("poison").application("shop").taskname("resize"));
      for (int round = 0; round < 2; round++) {
        scene.broker.take();
        scene.broker.produce(pending("good-" + round).application("shop"));
        Delivered good = scene.broker.take();
        letTheDeadlinePass(scene);
        scene.broker.report(good, Conclusion.COMPLETE); // late, but its worker lives
      }

      passTenSeconds(scene);

      assertNamed(
          scene,
          "poison",
          Said.standstill(
              "Task name 'resize' of application 'shop'",
              "task 'poison' was handed out 2 times, and each time its deadline of 10 s passed",
              "look at its arguments, then 'cancel' it"));
      BROWSER.press("To the task");
      BROWSER.loaded("/task");
      BROWSER.awaitText("was handed out 2 times");
    }
  }

  @Test
  void aDiskThatIsFull() {
    var journal = new CrampedJournal();
    try (Scene scene = Scene.of(BrokerFixture.builder().journal(() -> journal).start())) {
      scene.produce(pending("a").application("shop").deadline(Duration.ofHours(1)));
      scene.broker.take();
      journal.leave(CrampedJournal.Room.NONE);
      scene.broker.produce(pending("late").application("shop"));

      awaitStall(scene, "The store");

      assertNamed(
          scene,
          "full-disk",
          Said.standstill("The store", "the disk is full", "as soon as it can write")
              .below("not ready"),
          "Intake of topic taskworker");
      journal.leave(CrampedJournal.Room.ENOUGH);
    }
  }

  @Test
  void aDeadLetterTopicThatIsMissing() {
    try (Scene scene = Scene.open()) {
      scene
          .broker
          .publisher()
          .refuse(BrokerFixture.DEAD_LETTERS, "topic taskworker-dlq does not exist");
      scene.produce(pending("a").deadLettered());
      scene.broker.report(scene.broker.take(), Conclusion.FAILURE);

      awaitStall(scene, "Publishing dead letters to topic taskworker-dlq");

      assertNamed(
          scene,
          "no-dead-letter-topic",
          Said.standstill(
              "Publishing dead letters to topic taskworker-dlq",
              "topic taskworker-dlq does not exist",
              ""));
      BROWSER.press("To Kafka");
      BROWSER.loaded("/kafka");
    }
  }

  @Test
  void aLimitOfBytes_reachedByOneLargeTask() {
    try (Scene scene = limited(100, 300_000L)) {
      scene.produce(pending("small").application("shop").deadline(Duration.ofHours(1)));
      scene.broker.take(); // its worker is busy
      scene.produce(
          pending("big").application("shop").taskname("report").payload(new byte[400_000]));
      scene.broker.produce(pending("late").application("shop"));

      awaitStall(scene, "Intake of topic taskworker");

      assertNamed(
          scene,
          "one-large-task",
          Said.standstill(
              "Intake of topic taskworker",
              "task 'big' ('report' of application 'shop')",
              "'cancel' a task that is named here"));
      assertThat(BROWSER.text(".stall .row")).contains("To Kafka", "To the task");
    }
  }

  @Test
  void everyWorkerIsRefused_asItsSecretIsWrong_untilOneIsLetIn() {
    try (Scene scene = Scene.open()) {
      var refusals = scene.broker.broker().dispatch().refusals();
      IntStream.range(0, 4)
          .forEach(_ -> refusals.refused("/127.0.0.1:5", "its signature fits none of our secrets"));
      passTenSeconds(scene);

      assertNamed(
          scene,
          "wrong-secret",
          Said.standstill(
              "Every call of workers",
              "4 calls in a row were refused for their signature",
              "Give the workers one of the secrets in grpc_shared_secret"));

      refusals.admitted();
      passTenSeconds(scene);
      BROWSER.awaitNoText("Every call of workers");
    }
  }
}
