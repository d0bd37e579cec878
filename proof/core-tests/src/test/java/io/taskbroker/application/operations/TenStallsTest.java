package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.delayed;
import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls.Standstill;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.operations.Explanation.Kind;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.broker.BrokerFixture;
import io.taskbroker.testkit.broker.BrokerFixtureBuilder;
import io.taskbroker.testkit.journal.CrampedJournal;
import io.taskbroker.testkit.journal.CrampedJournal.Room;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

/**
 * Why nothing moves: each cause that operators meet, brought about in a whole broker, is named by a
 * line of the log, among everything that stands still, and for the one task.
 */
class TenStallsTest {
  private static final String INTAKE = "Intake of topic taskworker";

  /** Two looks of upkeep, and no more than people shall wait. */
  private static void passTenSeconds(BrokerFixture broker) {
    for (int look = 0; look < 2; look++) {
      broker.time().advance(Duration.ofMillis(5_001));
      broker.awaitUpkeep();
    }
  }

  private static void letTheDeadlinePass(BrokerFixture broker) {
    broker.time().advance(Duration.ofSeconds(14));
    broker.awaitUpkeep();
  }

  private static Optional<Standstill> stall(BrokerFixture broker, String what) {
    return broker.broker().stalls().standing().stream()
        .filter(stall -> stall.what().equals(what))
        .findFirst();
  }

  private static Explanation inTheFeed(BrokerFixture broker, String what) {
    List<Explanation> named =
        broker.broker().explanations().ofEverything().stream()
            .filter(explanation -> explanation.what().equals(what))
            .toList();
    assertThat(named).as("said once").hasSize(1);
    return named.getFirst();
  }

  private static List<String> why(BrokerFixture broker, String id) {
    return broker
        .broker()
        .explanations()
        .of(broker.broker().operations().tasks().find(id).orElseThrow())
        .stream()
        .map(Explanation::why)
        .toList();
  }

  private static void awaitStored(BrokerFixture broker, int tasks) {
    broker.await(
        "the tasks to be stored", () -> broker.broker().vitals().depths().unfinished() == tasks);
  }

  private static void awaitHeld(BrokerFixture broker) {
    broker.await(
        "a line about intake",
        () -> {
          broker.time().advance(Duration.ofMillis(200));
          return stall(broker, INTAKE).isPresent();
        });
  }

  private static BrokerFixtureBuilder limited(long maxPending, @Nullable Long maxBytes) {
    return BrokerFixture.builder()
        .limits(
            new Backpressure.Limits(
                maxPending, 100, 100, 100, maxBytes, Long.MAX_VALUE, Long.MAX_VALUE));
  }

  private static CapturedLog log() {
    return new CapturedLog(Logger.ROOT_LOGGER_NAME);
  }

  @Test
  void noWorkerForAnApplication() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));
      awaitStored(broker, 1);

      passTenSeconds(broker);

      String what = "Application 'shop'";
      assertThat(inTheFeed(broker, what).why())
          .isEqualTo("1 task waits, and no worker has asked for that since the broker started");
      assertThat(why(broker, "a"))
          .containsExactly("no worker has asked for application 'shop' since the broker started");
      assertThat(log.lines()).anyMatch(line -> line.contains(what + " is stalled: 1 task waits"));
    }
  }

  @Test
  void anApplicationThatIsPaused() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));
      awaitStored(broker, 1);

      broker
          .broker()
          .operations()
          .pause(new Order("ann", "deploy"), PauseTarget.ofApplication("shop"), null);

      Explanation paused = inTheFeed(broker, "Tasks of application 'shop'");
      assertThat(paused.kind()).isEqualTo(Kind.PAUSE);
      assertThat(paused.why()).isEqualTo("paused by ann, because: deploy");
      assertThat(paused.remedy()).contains("resume");
      assertThat(why(broker, "a")).first().isEqualTo("paused by ann, because: deploy");
      assertThat(log.lines()).anyMatch(line -> line.contains("pause application 'shop'"));
    }
  }

  @Test
  void aKillSwitchInForce() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker
          .rules()
          .set(
              new Rules(
                  new KillSwitch(Set.of("mail"), List.of()), new Demotion(Set.of(), null, null)));
      broker.produce(pending("a").taskname("mail"));
      broker.produce(pending("b").taskname("print"));
      broker.await(
          "the task that the switch leaves alone",
          () -> broker.broker().operations().tasks().find("b").isPresent());

      Explanation killed = inTheFeed(broker, "Tasks named 'mail'");
      assertThat(killed.kind()).isEqualTo(Kind.RULE);
      assertThat(killed.remedy()).contains("file of rules");
      assertThat(broker.broker().operations().tasks().find("a")).isEmpty();
      assertThat(log.lines()).noneMatch(line -> line.contains("mail' is stalled"));
    }
  }

  @Test
  void theLimitOfPendingTasks_filledByAnApplicationWithoutWorkers() {
    try (var log = log();
        var broker = limited(3, null).start()) {
      broker.produce(
          pending("1").application("gone"),
          pending("2").application("gone"),
          pending("3").application("gone"));
      awaitStored(broker, 3);
      broker.produce(pending("late").application("shop"));

      awaitHeld(broker);

      assertThat(inTheFeed(broker, INTAKE).why())
          .contains("store.max_pending_count")
          .contains("3 of application 'gone' (nobody has asked for them since the start)");
      assertThat(log.lines())
          .anyMatch(line -> line.contains(INTAKE) && line.contains("application 'gone'"));
    }
  }

  @Test
  void workersThatHangUntilDeadlines() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"), pending("b").application("shop"));
      Delivered a = broker.take();
      broker.take();

      letTheDeadlinePass(broker);
      passTenSeconds(broker);

      String what = "Work of application 'shop'";
      Explanation hang = inTheFeed(broker, what);
      assertThat(hang.why()).startsWith("2 deadlines have passed since a worker last reported");
      assertThat(hang.remedy()).contains("what the workers hang in");
      assertThat(why(broker, "b")).first().isEqualTo(hang.why());
      assertThat(log.lines()).anyMatch(line -> line.contains(what + " is stalled: 2 deadlines"));

      broker.report(a, Conclusion.COMPLETE);
      passTenSeconds(broker);

      assertThat(stall(broker, what)).isEmpty();
    }
  }

  @Test
  void tasksThatAreDelayedIntoTheFuture() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      long in3Hours = broker.time().now().plus(Duration.ofHours(3)).wallMs();
      broker.produce(delayed("a", in3Hours));
      awaitStored(broker, 1);

      Explanation delay = inTheFeed(broker, "All that is stored");
      assertThat(delay.kind()).isEqualTo(Kind.DELAY);
      assertThat(delay.why()).startsWith("its producer has delayed the one task").contains("3 h");
      assertThat(delay.remedy()).contains("run-now");
      assertThat(why(broker, "a")).first().asString().startsWith("its delay is over in 3 h");
      passTenSeconds(broker);
      assertThat(log.lines())
          .anyMatch(line -> line.startsWith("All that is stored: its producer has delayed"));

      broker.produce(pending("b"));
      awaitStored(broker, 2);

      assertThat(broker.broker().explanations().ofEverything())
          .as("something else waits")
          .noneMatch(explanation -> explanation.kind() == Kind.DELAY);
    }
  }

  @Test
  void aTaskThatIsHandedOutAgainAndAgain() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker.produce(pending("poison").application("shop").taskname("resize"));
      for (int round = 0; round < 2; round++) {
        broker.take();
        broker.produce(pending("good-" + round).application("shop"));
        Delivered good = broker.take();
        letTheDeadlinePass(broker);
        broker.report(good, Conclusion.COMPLETE); // late, but its worker lives
      }

      passTenSeconds(broker);

      String what = "Task name 'resize' of application 'shop'";
      Explanation loop = inTheFeed(broker, what);
      assertThat(loop.why()).startsWith("task 'poison' was handed out 2 times");
      assertThat(loop.remedy()).contains("'cancel'");
      assertThat(why(broker, "poison")).first().isEqualTo(loop.why());
      assertThat(log.lines()).anyMatch(line -> line.contains(what + " is stalled: task 'poison'"));

      broker.report(broker.take(), Conclusion.COMPLETE);
      passTenSeconds(broker);

      assertThat(stall(broker, what)).isEmpty();
    }
  }

  @Test
  void aFullDisk() {
    var journal = new CrampedJournal();
    try (var log = log();
        var broker = BrokerFixture.builder().journal(() -> journal).start()) {
      broker.produce(pending("a").application("shop"));
      awaitStored(broker, 1);
      journal.leave(Room.NONE);
      broker.produce(pending("late").application("shop"));
      broker.await("a line about the store", () -> stall(broker, "The store").isPresent());

      assertThat(inTheFeed(broker, "The store").why()).contains("the disk is full");
      assertThat(why(broker, "a")).first().asString().contains("the disk is full");
      assertThat(log.lines()).anyMatch(line -> line.contains("The store is stalled"));
      journal.leave(Room.ENOUGH);
      broker.await("the end of it", () -> broker.broker().vitals().depths().pending() == 2);
    }
  }

  @Test
  void aDeadLetterTopicThatIsMissing() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker.publisher().refuse(BrokerFixture.DEAD_LETTERS, "topic taskworker-dlq does not exist");
      broker.produce(pending("a").deadLettered());
      broker.report(broker.take(), Conclusion.FAILURE);
      String what = "Publishing dead letters to topic taskworker-dlq";
      broker.await(
          "a line about the topic",
          () -> {
            broker.time().advance(Duration.ofMillis(200));
            return stall(broker, what).isPresent();
          });

      assertThat(inTheFeed(broker, what).why()).contains("does not exist");
      assertThat(why(broker, "a")).anyMatch(reason -> reason.contains("does not exist"));
      assertThat(log.lines()).anyMatch(line -> line.contains(what + " is stalled"));
      broker.publisher().accept(BrokerFixture.DEAD_LETTERS);
    }
  }

  @Test
  void aLimitOfBytes_reachedByOneLargeTask() {
    try (var log = log();
        var broker = limited(100, 300_000L).start()) {
      broker.produce(
          pending("big").application("shop").taskname("report").payload(new byte[400_000]));
      awaitStored(broker, 1);
      broker.produce(pending("late").application("shop"));

      awaitHeld(broker);

      assertThat(inTheFeed(broker, INTAKE).why())
          .contains("store.max_size")
          .contains("task 'big' ('report' of application 'shop')");
      assertThat(inTheFeed(broker, INTAKE).remedy()).contains("'cancel'");
      assertThat(log.lines()).anyMatch(line -> line.contains("task 'big'"));
    }
  }

  @Test
  void workersWhoseSecretIsWrong() {
    try (var log = log();
        var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));
      awaitStored(broker, 1);
      for (int call = 0; call < 4; call++) {
        broker
            .broker()
            .dispatch()
            .refusals()
            .refused("/127.0.0.1:5", "its signature fits none of our secrets");
      }

      passTenSeconds(broker);

      String what = "Every call of workers";
      Explanation refusal = inTheFeed(broker, what);
      assertThat(refusal.why()).startsWith("4 calls in a row were refused").contains("secrets");
      assertThat(refusal.remedy()).contains("grpc_shared_secret");
      assertThat(why(broker, "a")).first().isEqualTo(refusal.why());
      assertThat(log.lines()).anyMatch(line -> line.contains(what + " is stalled: 4 calls"));

      broker.broker().dispatch().refusals().admitted();
      passTenSeconds(broker);

      assertThat(stall(broker, what)).isEmpty();
    }
  }
}
