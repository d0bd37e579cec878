package io.taskbroker.testkit.broker;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static io.taskbroker.testkit.broker.IntakeUnderTest.record;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.store.ReferenceStore;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How intake gathers batches, and what it says of positions. */
class IntakeTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final Partition OTHER = new Partition(ORIGIN.topic(), 1);

  private final SettableTime time = new SettableTime();
  private final ReferenceStore store = new ReferenceStore(ENGINE, time);

  private IntakeUnderTest intake(int rows, long bytes) {
    return new IntakeUnderTest(new PlainCodec(), store, time, rows, bytes);
  }

  @Test
  @DisplayName("19.24: what expires now is stored; once the clock has moved on it is dropped")
  void whatHasExpired_isDropped() {
    long now = time.now().wallMs();
    try (IntakeUnderTest under = intake(256, 16_000_000)) {
      under.intake.accept(List.of(record(Activations.pending("a").expiresAt(now), ORIGIN, 0)));
      under.awaitStored(1);
      time.advance(Duration.ofMillis(1));
      under.intake.accept(
          List.of(
              record(Activations.pending("b").expiresAt(now), ORIGIN, 1),
              record(Activations.pending("c"), ORIGIN, 2)));
      under.awaitStored(1);

      assertThat(store.depths().pending()).isEqualTo(2);
      assertThat(under.intake.committable()).containsEntry(ORIGIN, 3L);
    }
  }

  @Test
  @DisplayName("19.25: a limit of one byte closes a batch after a row")
  void aLimitOfBytes_closesABatch() {
    try (IntakeUnderTest under = intake(256, 1)) {
      under.intake.accept(
          List.of(
              record(Activations.pending("a"), ORIGIN, 0),
              record(Activations.pending("b"), ORIGIN, 1)));
      under.awaitStored(2);

      assertThat(under.batches()).containsExactly(1, 1);
    }
  }

  @Test
  @DisplayName("19.25: a limit of two rows closes a batch after two")
  void aLimitOfRows_closesABatch() {
    try (IntakeUnderTest under = intake(2, 16_000_000)) {
      under.intake.accept(
          List.of(
              record(Activations.pending("a"), ORIGIN, 0),
              record(Activations.pending("b"), ORIGIN, 1),
              record(Activations.pending("c"), ORIGIN, 2)));
      under.awaitStored(3);

      assertThat(under.batches()).containsExactly(2, 1);
    }
  }

  @Test
  @DisplayName("19.29: offset 1 of partition 0 and offset 0 of partition 1 make positions 2 and 1")
  void positions_areThoseOfTheNextRecord() {
    try (IntakeUnderTest under = intake(256, 16_000_000)) {
      under.intake.accept(
          List.of(
              record(Activations.pending("a"), ORIGIN, 1),
              record(Activations.pending("b"), OTHER, 0)));
      under.awaitStored(2);

      assertThat(under.intake.committable()).containsEntry(ORIGIN, 2L).containsEntry(OTHER, 1L);
    }
  }

  @Test
  void aBatchThatIsHeld_namesTheLimitThatHoldsItsFirstRecord() {
    store.add(
        IntStream.range(0, 2_048).mapToObj(i -> Activations.pending("p" + i).arriving()).toList(),
        new AssignmentEpoch());
    long later = time.now().wallMs() + 60_000;
    try (IntakeUnderTest under = intake(256, 16_000_000)) {
      under.intake.accept(
          List.of(
              record(Activations.pending("a"), ORIGIN, 0),
              record(Activations.delayed("b", later), ORIGIN, 1)));

      assertThat(under.awaitHold()).isEqualTo(Backpressure.Reason.PENDING_LIMIT);
    }
  }
}
