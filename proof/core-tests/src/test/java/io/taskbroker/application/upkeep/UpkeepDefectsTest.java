package io.taskbroker.application.upkeep;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What meets a defect in a pass fails alone. */
class UpkeepDefectsTest {
  private final SettableTime time = new SettableTime();
  private final ModelStore store =
      new ModelStore(new EngineSettings(Duration.ofSeconds(3), 3), time);

  @ParameterizedTest
  @EnumSource(value = Sweep.class, names = "DELAYS", mode = EnumSource.Mode.EXCLUDE)
  void aDefectOfOneKind_leavesTheOthersTheirWork(Sweep broken) {
    store.add(
        List.of(Activations.delayed("d", time.now().wallMs() + 1_000).arriving()),
        new AssignmentEpoch());
    Upkeep upkeep =
        new Upkeep(
            new Stumbling(broken),
            new UpkeepSettings(Duration.ofSeconds(1), Duration.ZERO, Duration.ofSeconds(1)),
            time,
            new PublishedCounts(),
            List::of,
            EventSink.none());
    time.advance(Duration.ofMinutes(1));

    UpkeepReport report = upkeep.pass();

    assertThat(report.delayElapsed()).isEqualTo(1);
    assertThat(store.depths().pending()).isEqualTo(1);
  }

  /** The model, but for one kind of sweep, and for giving space back. */
  private final class Stumbling implements SweepStore {
    private final Sweep broken;

    Stumbling(Sweep broken) {
      this.broken = broken;
    }

    @Override
    public int sweep(Sweep kind, int limit) {
      if (kind == broken) {
        throw defect();
      }
      return store.sweep(kind, limit);
    }

    private static StoreException defect() {
      return new StoreException.Rejected(
          "The store could not do this", new IllegalStateException("a row is not as it should be"));
    }

    @Override
    public boolean reclaim() {
      throw defect();
    }

    @Override
    public void onlyConsumed(Set<String> topics) {
      store.onlyConsumed(topics);
    }

    @Override
    public void rewrite() {
      throw defect();
    }

    @Override
    public Depths depths() {
      return store.depths();
    }

    @Override
    public Totals totals() {
      return store.totals();
    }

    @Override
    public Optional<Activation> lastExhausted() {
      return store.lastExhausted();
    }

    @Override
    public Outliers outliers() {
      return store.outliers();
    }

    @Override
    public Duration lag() {
      return store.lag();
    }
  }
}
