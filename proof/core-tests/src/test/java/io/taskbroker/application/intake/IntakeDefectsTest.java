package io.taskbroker.application.intake;

import static io.taskbroker.application.intake.IntakeUnderTest.record;
import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import io.taskbroker.domain.rules.Value;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What intake makes of defects: of a decoder's, and of a store's. */
class IntakeDefectsTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();
  private final ModelStore store = new ModelStore(ENGINE, time);
  private final PlainCodec codec = new PlainCodec();

  private void takeThree(IntakeUnderTest under) {
    under.intake.accept(
        IntStream.range(0, 3)
            .mapToObj(i -> record(Activations.pending("task-" + i), ORIGIN, i))
            .toList());
    under.awaitStored(3);
  }

  @Test
  void aRecordOnWhichTheDecoderFails_isABadOne_andStopsNothing() {
    ActivationDecoder failing =
        (record, nowMs) -> {
          if (record.offset() == 1) {
            throw new IllegalStateException("a defect");
          }
          return codec.decode(record, nowMs);
        };
    try (IntakeUnderTest under = new IntakeUnderTest(failing, store, time)) {
      takeThree(under);

      assertThat(under.intake.committable()).containsEntry(ORIGIN, 3L);
    }
    assertThat(store.depths().pending()).isEqualTo(2);
    assertThat(store.depths().outbox()).isEqualTo(1);
  }

  @Test
  void aRecordThatAKillSwitchCannotJudge_isLetIn_andStopsNothing() {
    var selector = new Selector("picky", Map.of(0, new Value.Text("yes")), Map.of());
    var rules = new Rules(new KillSwitch(Set.of(), List.of(selector)), Demotion.NONE);
    Rulebook rulebook =
        new Rulebook(
            () -> rules,
            (_, _) -> {
              throw new IllegalStateException("a defect");
            },
            Rulebook.EMPTY.demotion());
    try (IntakeUnderTest under =
        new IntakeUnderTest(codec, rulebook, store, time, 256, 16_000_000)) {
      under.intake.accept(
          List.of(
              record(Activations.pending("a").taskname("picky"), ORIGIN, 0),
              record(Activations.pending("b"), ORIGIN, 1)));
      under.awaitStored(2);

      assertThat(under.intake.committable()).containsEntry(ORIGIN, 2L);
    }
    assertThat(store.depths().pending()).isEqualTo(2);
  }

  @Test
  void aStoreThatFailsUnexpectedly_isTriedAgain_andNothingIsSkipped() {
    try (IntakeUnderTest under =
        new IntakeUnderTest(codec, new StumblingStore(store, 2, 2), time)) {
      takeThree(under);

      assertThat(under.intake.committable()).containsEntry(ORIGIN, 3L);
    }
    assertThat(store.depths().pending()).isEqualTo(3);
  }

  /** Fails a few times in a way that no port allows, and works from then on. */
  private static final class StumblingStore extends ForwardingIntakeStore {
    private int failingLoads;
    private int failingAdds;

    StumblingStore(IntakeStore store, int failingLoads, int failingAdds) {
      super(store);
      this.failingLoads = failingLoads;
      this.failingAdds = failingAdds;
    }

    @Override
    public synchronized int add(List<NewActivation> batch, AssignmentEpoch epoch) {
      if (failingAdds-- > 0) {
        throw new IllegalStateException("a defect of add");
      }
      return super.add(batch, epoch);
    }

    @Override
    public synchronized Backpressure.Load load() {
      if (failingLoads-- > 0) {
        throw new IllegalStateException("a defect of load");
      }
      return super.load();
    }
  }
}
