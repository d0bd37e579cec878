package io.taskbroker.testkit.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.OwnedStore;
import io.taskbroker.application.store.StoreSettings;
import io.taskbroker.application.upkeep.OutboxCounts;
import io.taskbroker.application.upkeep.SweepStore;
import io.taskbroker.application.upkeep.Upkeep;
import io.taskbroker.application.upkeep.UpkeepMetrics;
import io.taskbroker.application.upkeep.UpkeepReport;
import io.taskbroker.application.upkeep.UpkeepSettings;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryJournal;
import io.taskbroker.testkit.store.ReferenceStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class UpkeepTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();

  @Test
  @DisplayName("19.34: deadlines are judged once the guard after the start, of 60 s, is over")
  void deadlines_areNotJudgedRightAfterTheStart() {
    ReferenceStore store = new ReferenceStore(ENGINE, time);
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
            InMemoryJournal.create(), new StoreSettings(ENGINE, false), time, _ -> {})) {
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

  private Upkeep upkeep(SweepStore store, Duration grace) {
    UpkeepSettings settings =
        new UpkeepSettings(Duration.ofSeconds(1), grace, Duration.ofSeconds(30));
    return new Upkeep(store, settings, time, new OutboxCounts(), UpkeepMetrics.NONE);
  }
}
