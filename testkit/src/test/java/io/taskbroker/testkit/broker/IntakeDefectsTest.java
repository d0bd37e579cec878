package io.taskbroker.testkit.broker;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.application.intake.IntakeMetrics;
import io.taskbroker.application.intake.IntakeSettings;
import io.taskbroker.application.intake.IntakeStore;
import io.taskbroker.application.intake.IntakeWatch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.rules.Rulebook;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ReferenceStore;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What intake makes of defects: of a decoder's, and of a store's. */
class IntakeDefectsTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();
  private final Stalls stalls = new Stalls(time);
  private final ReferenceStore store = new ReferenceStore(ENGINE, time);
  private final PlainCodec codec = new PlainCodec();
  private final CountDownLatch stored = new CountDownLatch(3);

  private Intake begin(ActivationDecoder decoder, IntakeStore into) {
    IntakeSettings settings =
        new IntakeSettings(
            256,
            16_000_000,
            Duration.ofSeconds(1),
            Duration.ofMillis(1),
            new Backpressure.Limits(
                2_048, 8_192, 2_048, 65_536, null, Long.MAX_VALUE, Long.MAX_VALUE));
    IntakeMetrics counted =
        new IntakeMetrics() {
          @Override
          public void stored(String topic, int added, Duration took, Duration lag) {
            for (int i = 0; i < added; i++) {
              stored.countDown();
            }
          }
        };
    Intake intake =
        new Intake(
            ORIGIN.topic(),
            decoder,
            Rulebook.EMPTY,
            into,
            settings,
            new IntakeWatch(time, stalls, counted));
    intake.assigned(Map.of());
    return intake;
  }

  private void takeThree(Intake intake) throws InterruptedException {
    intake.accept(List.of(record(0), record(1), record(2)));
    assertThat(stored.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static SourceRecord record(long offset) {
    NewActivation task = Activations.pending("task-" + offset).offset(offset).arriving();
    byte[] value = PlainTask.of(task.activation(), task.payload()).encode();
    return new SourceRecord(ORIGIN, offset, SettableTime.START.wallMs(), value, List.of());
  }

  @Test
  void aRecordOnWhichTheDecoderFails_isABadOne_andStopsNothing() throws InterruptedException {
    ActivationDecoder failing =
        (record, nowMs) -> {
          if (record.offset() == 1) {
            throw new IllegalStateException("a defect");
          }
          return codec.decode(record, nowMs);
        };
    try (Intake intake = begin(failing, store)) {
      takeThree(intake);

      assertThat(intake.committable()).containsEntry(ORIGIN, 3L);
    }
    assertThat(store.depths().pending()).isEqualTo(2);
    assertThat(store.depths().outbox()).isEqualTo(1);
  }

  @Test
  void aStoreThatFailsUnexpectedly_isTriedAgain_andNothingIsSkipped() throws InterruptedException {
    try (Intake intake = begin(codec, new StumblingStore(store, 2, 2))) {
      takeThree(intake);

      assertThat(intake.committable()).containsEntry(ORIGIN, 3L);
    }
    assertThat(store.depths().pending()).isEqualTo(3);
  }

  /** Fails a few times in a way that no port allows, and works from then on. */
  private static final class StumblingStore implements IntakeStore {
    private final IntakeStore store;
    private int failingLoads;
    private int failingAdds;

    StumblingStore(IntakeStore store, int failingLoads, int failingAdds) {
      this.store = store;
      this.failingLoads = failingLoads;
      this.failingAdds = failingAdds;
    }

    @Override
    public synchronized int add(List<NewActivation> batch, AssignmentEpoch epoch) {
      if (failingAdds-- > 0) {
        throw new IllegalStateException("a defect of add");
      }
      return store.add(batch, epoch);
    }

    @Override
    public synchronized Backpressure.Load load() {
      if (failingLoads-- > 0) {
        throw new IllegalStateException("a defect of load");
      }
      return store.load();
    }

    @Override
    public void acknowledged(Map<Partition, Long> positions) {
      store.acknowledged(positions);
    }

    @Override
    public void lost(Collection<Partition> partitions) {
      store.lost(partitions);
    }

    @Override
    public Set<Partition> awaitedPartitions() {
      return store.awaitedPartitions();
    }
  }
}
