package io.taskbroker.application.rules;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is applied to what is stored, and how often the whole store is looked through for it. */
class RuleEnforcerTest {
  private static final Rules NO_BAD_ONES = killing("bad");

  private final SettableTime time = new SettableTime();
  private final Shelf store = new Shelf();
  private Rules inForce = Rules.NONE;
  private final RuleEnforcer enforcer =
      new RuleEnforcer(
          store,
          () -> inForce,
          (payload, _) ->
              Optional.of(
                  new Arguments(Map.of(0, new Value.Text(new String(payload, UTF_8))), Map.of())),
          demotion -> "back here".equals(demotion.topic()),
          time,
          EventSink.none());

  @Test
  void aNewKillSwitch_isAppliedOnce() {
    store.put("bad", "good", "bad");
    inForce = NO_BAD_ONES;

    assertThat(enforcer.turn()).isEqualTo(2);
    assertThat(turnsOfAMinute()).isZero();

    assertThat(store.looks).isEqualTo(1);
    assertThat(store.tasknames.values()).containsExactly("good");
  }

  @Test
  void aLongLook_isTakenInManyShortTurns() {
    for (int i = 0; i < 10_500; i++) {
      store.put("bad", "good");
    }
    inForce = NO_BAD_ONES;

    assertThat(turnToTheEnd()).hasSize(21).allMatch(rows -> rows <= 1_000);
    assertThat(store.tasknames.values()).hasSize(10_500).containsOnly("good");
    assertThat(store.looks).isEqualTo(1);
  }

  @Test
  void anotherKillSwitchInTheMiddleOfALook_beginsANewOne() {
    for (int i = 0; i < 1_500; i++) {
      store.put("bad");
    }
    store.put("worse");
    inForce = NO_BAD_ONES;
    enforcer.turn();
    inForce = killing("worse");

    assertThat(enforcer.turn()).isEqualTo(1);
    assertThat(turnsOfAMinute()).isZero();
    assertThat(store.tasknames.values()).hasSize(500).containsOnly("bad");
  }

  @Test
  void whatIsDemoted_waitsForTheEndOfALook() {
    for (int i = 0; i < 1_500; i++) {
      store.put("bad");
    }
    store.demotable = 10;
    inForce = new Rules(NO_BAD_ONES.killSwitch(), new Demotion(Set.of("shop"), null, null));

    assertThat(enforcer.turn()).isEqualTo(1_000);
    assertThat(enforcer.turn()).isEqualTo(510);
  }

  @Test
  void theNamesOfKilledTasks_areSaidToTheStoreFirst() {
    inForce = killing("bad", "worse");
    enforcer.turn();
    assertThat(store.killed).containsExactlyInAnyOrder("bad", "worse");

    inForce = Rules.NONE;
    enforcer.turn();
    assertThat(store.killed).isEmpty();
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
    assertThat(turnsOfAMinute()).isZero();
    inForce = NO_BAD_ONES;
    enforcer.turn();
    inForce = Rules.NONE;

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

  @Test
  void ofATaskThatIsNamedWithAnArgument_thoseThatHaveItAreDropped() {
    store.put("bad", "picky", "good", "picky", "other");
    Selector selector = new Selector("picky", Map.of(0, new Value.Text("argument 4")), Map.of());
    inForce = new Rules(new KillSwitch(Set.of("bad"), List.of(selector)), Demotion.NONE);

    turnToTheEnd();

    assertThat(store.tasknames.values()).containsExactly("picky", "good", "other");
  }

  @Test
  void aTaskThatCannotBeJudged_stays_andHoldsNothingUp() {
    store.put("picky", "picky");
    store.demotable = 1;
    Selector selector = new Selector("picky", Map.of(0, new Value.Text("argument 2")), Map.of());
    inForce =
        new Rules(
            new KillSwitch(Set.of(), List.of(selector)), new Demotion(Set.of("slow"), null, null));
    var failing =
        new RuleEnforcer(
            store,
            () -> inForce,
            (payload, _) -> {
              String argument = new String(payload, UTF_8);
              if (argument.equals("argument 1")) {
                throw new IllegalStateException("a defect");
              }
              return Optional.of(new Arguments(Map.of(0, new Value.Text(argument)), Map.of()));
            },
            _ -> false,
            time,
            EventSink.none());

    for (int i = 0; i < 5; i++) {
      failing.turn();
    }

    assertThat(store.tasknames.keySet()).containsExactly(1L);
    assertThat(store.demotable).isZero();
  }

  @Test
  void aDemotedNamespace_isSentOffInSteps() {
    store.demotable = 2_500;
    inForce = new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), null, null));

    assertThat(enforcer.turn()).isEqualTo(1_000);
    turnToTheEnd();

    assertThat(store.demotable).isZero();
  }

  @Test
  void whatWouldComeStraightBack_isNotSentOff() {
    store.demotable = 1;
    inForce = new Rules(KillSwitch.OFF, new Demotion(Set.of("slow"), "back here", null));

    assertThat(enforcer.turn()).isZero();
  }

  /** What turns say until there is no more to do. */
  private List<Integer> turnToTheEnd() {
    List<Integer> turns = new ArrayList<>();
    for (int said = enforcer.turn(); said > 0; said = enforcer.turn()) {
      turns.add(said);
    }
    return turns;
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

  /**
   * Rows of which nothing is known but the names of their tasks; their argument is their key, and
   * payloads come one by one, as large ones do.
   */
  private static final class Shelf implements RulesStore {
    private static final int PIECE = 1_000;

    final Map<Long, String> tasknames = new LinkedHashMap<>();
    int demotable;
    int looks;
    boolean isAway;
    Set<String> killed = Set.of();
    private long nextKey = 1;

    void put(String... names) {
      for (String name : names) {
        tasknames.put(nextKey++, name);
      }
    }

    @Override
    public void kill(Set<String> names) {
      killed = Set.copyOf(names);
    }

    @Override
    public Found find(Set<String> names, long after) {
      if (isAway) {
        throw new StoreException.Unavailable("away", new IOException("as commanded"));
      }
      looks += after == 0 ? 1 : 0;
      Map<Long, String> found = new LinkedHashMap<>();
      List<Long> piece =
          tasknames.keySet().stream().filter(key -> key > after).limit(PIECE).toList();
      for (long key : piece) {
        String name = tasknames.getOrDefault(key, "");
        if (names.contains(name)) {
          found.put(key, name);
        }
      }
      return new Found(found, piece.isEmpty() ? after : piece.getLast(), piece.size() < PIECE);
    }

    @Override
    public int drop(Collection<Long> keys) {
      assertThat(keys).hasSizeLessThanOrEqualTo(1_000);
      keys.forEach(tasknames::remove);
      return keys.size();
    }

    @Override
    public Payloads payloadsOf(List<Long> keys) {
      Long first = keys.getFirst();
      return new Payloads(1, Map.of(first, ("argument " + first).getBytes(UTF_8)));
    }

    @Override
    public int demote(Set<String> namespaces, int limit) {
      int step = Math.min(demotable, limit);
      demotable -= step;
      return step;
    }
  }
}
