package io.taskbroker.application.broker;

import static io.taskbroker.testkit.Activations.pending;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What rules have done, however many names they have had. */
class RuleTallyTest {
  private static final int MANY = 1_000;

  private static Rules dropping(Set<String> tasknames) {
    return new Rules(new KillSwitch(tasknames, List.of()), Demotion.NONE);
  }

  private static Set<String> names(int from, int to) {
    Set<String> names = new LinkedHashSet<>();
    IntStream.range(from, to).forEach(number -> names.add("task-" + number));
    return names;
  }

  private static void drop(BrokerFixture broker, Set<String> tasknames) {
    broker.rules().set(dropping(tasknames));
    broker.produce(
        tasknames.stream()
            .map(name -> pending("of " + name).taskname(name))
            .toArray(Activations[]::new));
    broker.await(
        "their count", () -> broker.broker().rules().dropped().keySet().containsAll(tasknames));
  }

  @Test
  void eachNameOfManyRulesInForce_isCounted() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      Set<String> all = names(0, MANY + 500);
      drop(broker, all);

      assertThat(broker.broker().rules().dropped()).hasSize(MANY + 500).containsValue(1L);
    }
  }

  @Test
  void aRuleIsCounted_thoughManyWereBefore_andTheseAreForgotten() {
    try (BrokerFixture broker = BrokerFixture.start()) {
      drop(broker, names(0, MANY));
      drop(broker, Set.of("late"));

      assertThat(broker.broker().rules().dropped()).isEqualTo(Map.of("late", 1L));
    }
  }
}
