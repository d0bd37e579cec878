package io.taskbroker.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.rules.Latecomers;
import io.taskbroker.application.rules.RuleEnforcer;
import io.taskbroker.application.rules.RulesMetrics;
import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** How often the whole store is looked through. */
class RuleEnforcerTest {
  private static final Rules NO_BAD_ONES = killing("bad");

  private final SettableTime time = new SettableTime();
  private final Latecomers latecomers = new Latecomers();
  private final Shelf store = new Shelf();
  private Rules inForce = Rules.NONE;
  private final RuleEnforcer enforcer =
      new RuleEnforcer(
          store,
          () -> inForce,
          _ -> Optional.empty(),
          _ -> false,
          latecomers,
          time,
          RulesMetrics.NONE);

  @Test
  void aNewKillSwitch_isAppliedOnce() {
    store.put("bad", "good", "bad");
    inForce = NO_BAD_ONES;

    assertThat(enforcer.turn()).isEqualTo(2);
    assertThat(turnsOfAMinute()).isZero();

    assertThat(store.looks).isEqualTo(1);
    assertThat(store.tasknames).containsExactly("good");
  }

  @Test
  void whatWasOvertakenOnItsWayIn_isLookedForOnceMore() {
    inForce = NO_BAD_ONES;
    enforcer.turn();
    store.put("bad");
    latecomers.note();

    assertThat(enforcer.turn()).isEqualTo(1);
    assertThat(turnsOfAMinute()).isZero();

    assertThat(store.looks).isEqualTo(2);
  }

  @Test
  void anotherKillSwitch_isAppliedToo() {
    store.put("bad", "worse");
    inForce = NO_BAD_ONES;
    enforcer.turn();
    inForce = killing("bad", "worse");

    assertThat(enforcer.turn()).isEqualTo(1);
    assertThat(store.looks).isEqualTo(2);
  }

  @Test
  void withoutAKillSwitch_nobodyLooks() {
    latecomers.note();
    assertThat(turnsOfAMinute()).isZero();
    inForce = NO_BAD_ONES;
    enforcer.turn();
    inForce = Rules.NONE;
    latecomers.note();

    assertThat(turnsOfAMinute()).isZero();
    assertThat(store.looks).isEqualTo(1);
  }

  @Test
  void aStoreThatIsNotAvailable_isLookedThroughAtTheNextTurn() {
    store.put("bad");
    inForce = NO_BAD_ONES;
    store.isAway = true;
    assertThatThrownBy(enforcer::turn).isInstanceOf(StoreException.Unavailable.class);
    store.isAway = false;

    assertThat(enforcer.turn()).isEqualTo(1);
  }

  private int turnsOfAMinute() {
    int changed = 0;
    for (int i = 0; i < 120; i++) {
      time.advance(Duration.ofMillis(500));
      changed += enforcer.turn();
    }
    return changed;
  }

  private static Rules killing(String... tasknames) {
    return new Rules(new KillSwitch(Set.of(tasknames), List.of()), Demotion.NONE);
  }

  /** Rows of which nothing is known but the name of their task; a key is a place in the list. */
  private static final class Shelf implements RulesStore {
    final List<String> tasknames = new ArrayList<>();
    int looks;
    boolean isAway;

    void put(String... names) {
      tasknames.addAll(List.of(names));
    }

    @Override
    public List<Long> keysOf(Set<String> names) {
      looks++;
      if (isAway) {
        throw new StoreException.Unavailable("away", new IOException("as commanded"));
      }
      List<Long> keys = new ArrayList<>();
      for (int i = 0; i < tasknames.size(); i++) {
        if (names.contains(tasknames.get(i))) {
          keys.add((long) i);
        }
      }
      return keys;
    }

    @Override
    public int drop(Collection<Long> keys) {
      keys.stream()
          .sorted((a, b) -> Long.compare(b, a))
          .forEach(key -> tasknames.remove((int) (long) key));
      return keys.size();
    }

    @Override
    public Payloads payloadsOf(List<Long> keys) {
      return new Payloads(keys.size(), Map.of());
    }

    @Override
    public int demote(Set<String> namespaces, int limit) {
      return 0;
    }
  }
}
