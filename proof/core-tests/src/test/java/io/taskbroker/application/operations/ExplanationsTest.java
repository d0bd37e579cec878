package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.operations.Explanation.Kind;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.operator.Act;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a whole broker says of what does not move. */
class ExplanationsTest {
  private static final Duration LOOKS = Duration.ofSeconds(6);
  private static final String SHOP = "Application 'shop'";

  /**
   * Whether the application stands still, a while later. Threads may do so, too: the clock runs
   * faster here than they come back from a rest.
   */
  private static boolean standsStillAfterAWhile(BrokerFixture broker) {
    broker.time().advance(LOOKS);
    return broker.broker().stalls().current().containsKey(SHOP);
  }

  /** A loop that rested while the time passed may have been missed until it came back. */
  private static void awaitNobodyMissed(BrokerFixture broker) {
    broker.await(
        "no thread to be missed",
        () ->
            broker.broker().stalls().current().keySet().stream()
                .noneMatch(what -> what.startsWith("Thread ")));
  }

  @Test
  void tasksThatNobodyAsksFor_standStill_untilAWorkerHasThem() {
    try (var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));

      broker.await("a line about the application", () -> standsStillAfterAWhile(broker));

      assertThat(broker.broker().explanations().ofEverything())
          .filteredOn(explanation -> explanation.what().equals(SHOP))
          .as("said once, not by the stall and by the depths")
          .extracting(Explanation::kind)
          .containsExactly(Kind.STANDSTILL);
      broker.report(broker.take(), Conclusion.COMPLETE);
      broker.await("the end of it", () -> !standsStillAfterAWhile(broker));
    }
  }

  @Test
  void rulesAndPauses_areNamed_asWhatSomebodyWants() {
    try (var broker = BrokerFixture.start()) {
      broker
          .rules()
          .set(
              new Rules(
                  new KillSwitch(Set.of("spam", "mail"), List.of()),
                  new Demotion(Set.of("slow"), null, null)));
      broker
          .broker()
          .operations()
          .pause(new Order("ann", "deploy"), PauseTarget.ofApplication("shop"), null);

      List<Explanation> all = broker.broker().explanations().ofEverything();

      assertThat(all)
          .extracting(Explanation::what)
          .containsExactly(
              "Tasks of application 'shop'",
              "Tasks named 'mail', 'spam'",
              "Tasks of namespaces 'slow'");
      assertThat(all)
          .extracting(Explanation::kind)
          .containsExactly(Kind.PAUSE, Kind.RULE, Kind.RULE);
    }
  }

  @Test
  void aPausedApplication_standsStillForThePauseOnly() {
    try (var broker = BrokerFixture.start()) {
      broker
          .broker()
          .operations()
          .pause(new Order("ann", "deploy"), PauseTarget.ofApplication("shop"), null);
      broker.produce(pending("a").application("shop"), pending("b").application("other"));
      broker.await(
          "a line about the other application",
          () -> {
            broker.time().advance(LOOKS);
            return broker.broker().stalls().current().containsKey("Application 'other'");
          });
      awaitNobodyMissed(broker);

      Explanations explanations = broker.broker().explanations();
      assertThat(explanations.ofEverything())
          .extracting(Explanation::what)
          .containsExactly("Application 'other'", "Tasks of application 'shop'");
      StoredTask paused = broker.broker().operations().tasks().find("a").orElseThrow();
      assertThat(explanations.of(paused)).extracting(Explanation::kind).containsExactly(Kind.PAUSE);
    }
  }

  @Test
  void otherStalls_comeBeforeTheApplicationsThatLackWorkers() {
    try (var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));
      broker.await("a line about the application", () -> standsStillAfterAWhile(broker));
      awaitNobodyMissed(broker);
      broker.broker().stalls().begin("Publishing", "Kafka is away", "Start Kafka.");

      assertThat(broker.broker().explanations().standing())
          .as("by name, the application would come first")
          .extracting(Explanation::what)
          .containsExactly("Publishing", SHOP);
    }
  }

  private static String whyOf(BrokerFixture broker, String id) {
    StoredTask task = broker.broker().operations().tasks().find(id).orElseThrow();
    return broker.broker().explanations().of(task).getFirst().why();
  }

  @Test
  void aTaskThatWasGivenBack_saysByWhom() {
    try (var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));
      broker.take();
      broker.broker().operations().act(new Order("ann", "it hangs"), Act.GIVE_BACK, "a");

      assertThat(whyOf(broker, "a"))
          .startsWith("given back by ann at 20")
          .endsWith(
              "; it waits for a worker: it is all that waits of application 'shop'; a worker asked"
                  + " last 0 ms ago");
    }
  }

  @Test
  void aTaskThatAnOperatorHasEnded_saysWho_andWhy() {
    try (var broker = BrokerFixture.start()) {
      broker.produce(pending("a"), pending("b"), pending("c"));
      broker.await("all of them", () -> broker.broker().vitals().depths().pending() == 3);
      var operations = broker.broker().operations();
      operations.act(new Order("ann", "paid by hand"), Act.CANCEL, "a");
      operations.act(new Order("bob", ""), Act.COMPLETE, "b");
      broker.report(broker.take(), Conclusion.COMPLETE);

      assertThat(endOf(broker, "a"))
          .isEqualTo("it is over: ann has cancelled it, because: paid by hand");
      assertThat(endOf(broker, "b")).isEqualTo("it is over: bob has ended it");
      assertThat(endOf(broker, "c")).isEqualTo("it is over: it was completed");
    }
  }

  private static String endOf(BrokerFixture broker, String id) {
    var task = broker.broker().operations().tasks().findEnded(id).orElseThrow();
    return broker.broker().explanations().of(task).why();
  }

  @Test
  void aTaskWhoseDeadlineWasMissed_saysSo_andWhenAWorkerGotIt() {
    try (var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop").deadline(Duration.ofSeconds(10)));
      broker.take();
      long now = broker.time().now().wallMs();
      assertThat(whyOf(broker, "a")).endsWith("must report by " + LastHandOut.at(now + 13_000));
      String missed =
          "a worker got it at %s, and missed its deadline".formatted(LastHandOut.at(now));

      broker.await(
          "the task to come back",
          () -> {
            broker.time().advance(LOOKS);
            return whyOf(broker, "a").startsWith(missed);
          });
    }
  }

  @Test
  void aDeadlineThatPassesRightAfterTheStart_isSaidNotToCount() {
    try (var broker = BrokerFixture.start()) {
      Moment start = broker.time().now();
      var lastHandOut =
          new LastHandOut(
              broker.broker().operations(), broker.time(), start.plus(Duration.ofMinutes(1)));
      broker.time().advance(Duration.ofSeconds(17));

      assertThat(lastHandOut.deadline(start.plus(Duration.ofSeconds(10))))
          .isEqualTo(
              "had to report by %s. No deadline counts until %s, so that workers can report what they did before the broker started"
                  .formatted(
                      LastHandOut.at(start.wallMs() + 10_000),
                      LastHandOut.at(start.wallMs() + 60_000)));
      broker.time().advance(Duration.ofMinutes(1));
      assertThat(lastHandOut.deadline(start.plus(Duration.ofSeconds(10))))
          .endsWith("the task is taken back in a moment");
    }
  }
}
