package io.taskbroker.application.operations;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.taskbroker.application.Stalls.Standstill;
import io.taskbroker.application.operations.Explanation.Kind;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a whole broker says of what does not move. */
class ExplanationsTest {
  private static final Duration LOOKS = Duration.ofSeconds(6);

  private static void awaitStalls(
      String what, BrokerFixture broker, Predicate<List<Standstill>> isSo) {
    broker.await(
        what,
        () -> {
          broker.time().advance(LOOKS);
          return isSo.test(broker.broker().stalls().standing());
        });
  }

  @Test
  void tasksThatNobodyAsksFor_standStill_untilAWorkerHasThem() {
    try (var broker = BrokerFixture.start()) {
      broker.produce(pending("a").application("shop"));

      awaitStalls("a line about the application", broker, stalls -> !stalls.isEmpty());

      assertThat(broker.broker().stalls().standing())
          .extracting(Standstill::what)
          .containsExactly("Application 'shop'");
      assertThat(broker.broker().explanations().ofEverything())
          .as("said once, not by the stall and by the depths")
          .extracting(Explanation::what, Explanation::kind)
          .containsExactly(tuple("Application 'shop'", Kind.STANDSTILL));
      broker.report(broker.take(), Conclusion.COMPLETE);
      awaitStalls("the end of it", broker, List::isEmpty);
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
}
