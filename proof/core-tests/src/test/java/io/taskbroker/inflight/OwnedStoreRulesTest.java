package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.rules.RuleEnforcer;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A kill switch by argument looks into payloads, which may be large, and may be unreadable. */
class OwnedStoreRulesTest {
  private static final int MEGABYTE = 1 << 20;
  private static final int TASKS = 50;

  @Test
  void aSelector_looksIntoEveryPayload_besideTheWriter() {
    SettableTime time = new SettableTime();
    WatchedJournal journal = new WatchedJournal(new InMemoryFile().open());
    StoreSettings settings = new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);
    byte[] large = new byte[MEGABYTE];
    try (OwnedStore store =
        OwnedStore.open(journal, settings, time, SystemThreads.INSTANCE, _ -> {})) {
      store
          .intake()
          .add(
              IntStream.range(0, TASKS)
                  .mapToObj(i -> Activations.pending("task-" + i).offset(i).payload(large))
                  .map(Activations::arriving)
                  .toList(),
              new AssignmentEpoch());
      Value wanted = new Value.Text("yes");
      Selector selector = new Selector("send_receipt", Map.of(0, wanted), Map.of());
      RuleEnforcer enforcer =
          new RuleEnforcer(
              store.rules(),
              () -> new Rules(new KillSwitch(Set.of(), List.of(selector)), Demotion.NONE),
              (_, _) -> Optional.of(new Arguments(Map.of(0, wanted), Map.of())),
              _ -> false,
              time,
              EventSink.none());

      int turns = 0;
      while (enforcer.turn() > 0) {
        assertThat(++turns).isLessThanOrEqualTo(TASKS);
      }
      assertThat(store.sweeps().depths().unfinished()).isZero();
    }
    assertThat(journal.looks.get()).isBetween(TASKS, 2 * TASKS);
  }

  @Test
  void aPayloadThatIsDamaged_keepsNoOtherRuleFromBeingApplied() {
    BadRowJournal journal = new BadRowJournal(new InMemoryFile());
    try (OwnedStore store = withTasksOfTwoKinds(journal)) {
      journal.damaged.add(1L);

      assertThat(leftOverAfterRules(store)).isEqualTo(1);
    }
  }

  @Test
  void aPayloadThatCannotBeRead_keepsNoOtherRuleFromBeingApplied() {
    BadRowJournal journal = new BadRowJournal(new InMemoryFile());
    try (OwnedStore store = withTasksOfTwoKinds(journal)) {
      journal.unreadable.add(1L);

      assertThat(leftOverAfterRules(store)).isEqualTo(1);
    }
  }

  @Test
  void whileNothingCanBeRead_theSearchWaits() {
    BadRowJournal journal = new BadRowJournal(new InMemoryFile());
    try (OwnedStore store = withTasksOfTwoKinds(journal)) {
      RuleEnforcer enforcer = enforcer(store);
      assertThat(enforcer.turn()).isEqualTo(1);
      journal.blind = true;
      assertThatThrownBy(enforcer::turn).isInstanceOf(StoreException.Unavailable.class);
      journal.blind = false;

      turnToTheEnd(enforcer);
      assertThat(leftOver(store)).isZero();
    }
  }

  /** Half of them are named by a selector, and half are in a demoted namespace. */
  private static OwnedStore withTasksOfTwoKinds(BadRowJournal journal) {
    StoreSettings settings = new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false);
    OwnedStore store =
        OwnedStore.open(journal, settings, new SettableTime(), SystemThreads.INSTANCE, _ -> {});
    store
        .intake()
        .add(
            IntStream.range(0, TASKS)
                .mapToObj(
                    i ->
                        Activations.pending("task-" + i)
                            .offset(i)
                            .taskname(i < TASKS / 2 ? "send_receipt" : "other")
                            .namespace(i < TASKS / 2 ? "quick" : "slow")
                            .arriving())
                .toList(),
            new AssignmentEpoch());
    return store;
  }

  private static int leftOverAfterRules(OwnedStore store) {
    turnToTheEnd(enforcer(store));
    return leftOver(store);
  }

  /** What is neither dropped nor on its way to where it is demoted to. */
  private static int leftOver(OwnedStore store) {
    return store.sweeps().depths().pending();
  }

  private static void turnToTheEnd(RuleEnforcer enforcer) {
    int turns = 0;
    while (enforcer.turn() > 0) {
      assertThat(++turns).isLessThanOrEqualTo(TASKS);
    }
  }

  private static RuleEnforcer enforcer(OwnedStore store) {
    Value wanted = new Value.Text("yes");
    Selector selector = new Selector("send_receipt", Map.of(0, wanted), Map.of());
    Rules rules =
        new Rules(
            new KillSwitch(Set.of(), List.of(selector)), new Demotion(Set.of("slow"), null, null));
    return new RuleEnforcer(
        store.rules(),
        () -> rules,
        (_, _) -> Optional.of(new Arguments(Map.of(0, wanted), Map.of())),
        _ -> false,
        new SettableTime(),
        EventSink.none());
  }

  /** Counts what is read. */
  private static final class WatchedJournal extends ForwardingJournal {
    final AtomicInteger looks = new AtomicInteger();

    WatchedJournal(Journal journal) {
      super(journal);
    }

    @Override
    public Map<Long, byte[]> payloads(Collection<Long> keys) {
      assertThat(keys).as("payloads are read beside the writer").isEmpty();
      return super.payloads(keys);
    }

    @Override
    public Optional<byte[]> largePayload(long key) {
      looks.incrementAndGet();
      return super.largePayload(key);
    }
  }
}
