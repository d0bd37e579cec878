package io.taskbroker.domain.rules;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RulesTest {
  private static final Selector SPAM =
      new Selector("mail", Map.of(0, new Value.Text("spam")), Map.of());
  private static final Rules ALL =
      new Rules(
          new KillSwitch(Set.of("newsletter"), List.of(SPAM)),
          new Demotion(Set.of("reports"), "slow", "kafka-2:9092"));

  private static Rules dropping(String taskname) {
    return new Rules(new KillSwitch(Set.of(taskname), List.of()), Demotion.NONE);
  }

  @Test
  void two_areInForceTogether_andSendOffToWhereTheFirstSays() {
    Rules more =
        new Rules(
            new KillSwitch(Set.of("newsletter", "survey"), List.of(SPAM)),
            new Demotion(Set.of("exports"), "elsewhere", null));

    Rules both = ALL.and(more);

    assertThat(both.killSwitch().tasknames()).containsExactly("newsletter", "survey");
    assertThat(both.killSwitch().selectors()).containsExactly(SPAM);
    assertThat(both.demotion())
        .isEqualTo(new Demotion(Set.of("reports", "exports"), "slow", "kafka-2:9092"));
    assertThat(ALL.and(Rules.NONE)).isEqualTo(ALL);
  }

  @Test
  void each_isARuleOfItsOwn_andAllTogetherAreTheSame() {
    List<Rules> each = ALL.each();

    assertThat(ALL.size()).isEqualTo(3);
    assertThat(each).hasSize(3).allSatisfy(rule -> assertThat(rule.size()).isOne());
    assertThat(each).contains(dropping("newsletter"));
    assertThat(each.get(2).and(each.get(1)).and(each.get(0))).isEqualTo(ALL);
    assertThat(Rules.NONE.each()).isEmpty();
  }
}
