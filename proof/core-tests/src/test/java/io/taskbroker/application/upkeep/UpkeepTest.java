package io.taskbroker.application.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.FaultyJournal;
import io.taskbroker.testkit.journal.FaultyJournal.Call;
import io.taskbroker.testkit.journal.FaultyJournal.Fault;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.journal.InMemoryJournal;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UpkeepTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();
  private final List<String> rewrites = new ArrayList<>();

  @Test
  @DisplayName("19.34: deadlines are judged once the guard after the start, of 60 s, is over")
  void deadlines_areNotJudgedRightAfterTheStart() {
    ModelStore store = new ModelStore(ENGINE, time);
    Upkeep upkeep = upkeep(store, Duration.ofSeconds(60));
    store.add(List.of(Activations.pending("a").arriving()), new AssignmentEpoch());
    store.claim(ClaimFilter.ANY).toCompletableFuture().join();

    time.advance(Duration.ofSeconds(50));
    UpkeepReport early = upkeep.pass();
    time.advance(Duration.ofSeconds(40));
    UpkeepReport late = upkeep.pass();

    assertThat(early.processingDeadlineReset()).isZero();
    assertThat(late.processingDeadlineReset()).isEqualTo(1);
  }

  @Test
  @DisplayName("Ours: a pass is of bounded length, and says when more is due")
  void aPass_isCutShort() {
    try (OwnedStore store =
        OwnedStore.open(
            InMemoryJournal.create(),
            new StoreSettings(ENGINE, false),
            time,
            SystemThreads.INSTANCE,
            _ -> {})) {
      long until = time.now().wallMs() + 1_000;
      List<NewActivation> delayed =
          IntStream.range(0, 40_000)
              .mapToObj(i -> Activations.delayed("a" + i, until).arriving())
              .toList();
      store.intake().add(delayed, new AssignmentEpoch());
      Upkeep upkeep = upkeep(store.sweeps(), Duration.ZERO);
      time.advance(Duration.ofSeconds(2));

      UpkeepReport first = upkeep.pass();
      UpkeepReport second = upkeep.pass();

      assertThat(first.cutShort()).isTrue();
      assertThat(second.cutShort()).isFalse();
      assertThat(first.delayElapsed() + second.delayElapsed()).isEqualTo(40_000);
    }
  }

  @Test
  @DisplayName("Ours: the store is rewritten while serving only where that is asked for")
  void theStoreIsRewritten_onlyWhereThatIsWanted_andAsOftenAsThat() {
    FaultyJournal journal = new FaultyJournal(new InMemoryFile());
    try (OwnedStore store =
        OwnedStore.open(
            journal, new StoreSettings(ENGINE, false), time, SystemThreads.INSTANCE, _ -> {})) {
      Upkeep usual = upkeep(store.sweeps(), Duration.ZERO);
      Upkeep rewriting = rewritingEvery(Duration.ofSeconds(30), store.sweeps());

      for (int second = 0; second < 65; second++) {
        usual.pass();
        rewriting.pass();
        time.advance(Duration.ofSeconds(1));
      }

      assertThat(journal.calls(Call.REWRITE)).isEqualTo(2);
      assertThat(rewrites).hasSize(2);
    }
  }

  @Test
  @DisplayName("Ours: a store that cannot be rewritten is used as it is, and said to be")
  void aStoreThatCannotBeRewritten_isTriedAgainLater() {
    FaultyJournal journal = new FaultyJournal(new InMemoryFile());
    try (OwnedStore store =
        OwnedStore.open(
            journal, new StoreSettings(ENGINE, false), time, SystemThreads.INSTANCE, _ -> {})) {
      Upkeep upkeep = rewritingEvery(Duration.ofSeconds(30), store.sweeps());
      journal.failNext(Call.REWRITE, Fault.NOTHING_CHANGED);
      time.advance(Duration.ofSeconds(31));

      upkeep.pass();
      upkeep.pass();
      assertThat(rewrites).singleElement().asString().contains("REWRITE number 1");
      time.advance(Duration.ofSeconds(31));
      upkeep.pass();

      assertThat(rewrites).last().isEqualTo("done");
    }
  }

  private Upkeep rewritingEvery(Duration interval, SweepStore store) {
    UpkeepSettings settings =
        new UpkeepSettings(
            Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(30), Optional.of(interval));
    EventSink<UpkeepEvent> metrics =
        event -> {
          if (event instanceof UpkeepEvent.Rewritten) {
            rewrites.add("done");
          } else if (event instanceof UpkeepEvent.NotRewritten(String reason)) {
            rewrites.add(reason);
          }
        };
    return new Upkeep(store, settings, time, new PublishedCounts(), List::of, metrics);
  }

  private Upkeep upkeep(SweepStore store, Duration grace) {
    UpkeepSettings settings =
        new UpkeepSettings(Duration.ofSeconds(1), grace, Duration.ofSeconds(30));
    return new Upkeep(store, settings, time, new PublishedCounts(), List::of, EventSink.none());
  }
}
