package io.taskbroker.application.intake;

import static io.taskbroker.application.intake.IntakeUnderTest.record;
import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.rules.RuleEnforcer;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.rules.InMemoryRules;
import io.taskbroker.testkit.store.ModelStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How intake gathers batches, and what it says of positions. */
class IntakeTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final Partition OTHER = new Partition(ORIGIN.topic(), 1);

  private final SettableTime time = new SettableTime();
  private final ModelStore store = new ModelStore(ENGINE, time);

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

      assertThat(under.batches()).allMatch(rows -> rows <= 2); // the first may go by itself
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

  private void fillStore() {
    store.add(
        IntStream.range(0, 2_048)
            .mapToObj(i -> Activations.pending("p" + i).taskname("filling").arriving())
            .toList(),
        new AssignmentEpoch());
  }

  private void emptyStore() {
    store.drop(store.find(Set.of("filling"), 0).tasknames().keySet());
  }

  @Test
  void aBatchThatIsHeld_namesTheLimitThatHoldsItsFirstRecord() {
    fillStore();
    long later = time.now().wallMs() + 60_000;
    try (IntakeUnderTest under = intake(256, 16_000_000)) {
      under.intake.accept(
          List.of(
              record(Activations.pending("a"), ORIGIN, 0),
              record(Activations.delayed("b", later), ORIGIN, 1)));

      assertThat(under.awaitHold()).isEqualTo(Backpressure.Reason.PENDING_LIMIT);
    }
  }

  @Test
  void aStandstill_isOverOnceThePartitionsAreSomebodyElses() {
    fillStore();
    try (IntakeUnderTest under = intake(256, 16_000_000)) {
      under.intake.accept(List.of(record(Activations.pending("a"), ORIGIN, 0)));
      under.awaitHold();
      while (under.stalls.current().isEmpty()) { // it holds for longer than is everyday life
        time.advance(Duration.ofSeconds(2));
        under.awaitHold();
      }

      under.intake.revoke(Duration.ofMinutes(2));

      assertThat(under.stalls.current()).isEmpty();
    }
  }

  @Test
  void partitionsThatAreGivenUp_areNotPausedAnyMore() {
    fillStore();
    try (IntakeUnderTest under = intake(1, 16_000_000)) {
      under.intake.owns(2);
      under.intake.accept(
          List.of(
              record(Activations.pending("a"), ORIGIN, 0),
              record(Activations.pending("b"), ORIGIN, 1)));
      assertThat(under.intake.wantsMore()).isFalse();
      assertThat(under.paused).hasValue(2);

      under.intake.revoke(Duration.ofMinutes(2));

      assertThat(under.paused).hasValue(0);
    }
  }

  @Test
  void recordsThatAreDroppedWhileABatchIsHeld_doNotFillTheMemory() {
    fillStore();
    long now = time.now().wallMs();
    try (IntakeUnderTest under = intake(256, 16_000_000)) {
      under.intake.accept(List.of(record(Activations.pending("a"), ORIGIN, 0)));
      under.awaitHold();
      int read = 0;
      while (under.intake.wantsMore() && read < 100_000) {
        under.intake.accept(expired(now - 1, read, 500));
        read += 500;
      }

      assertThat(read).isLessThan(100_000);
      emptyStore();
      under.awaitStored(1);
      under.intake.accept(List.of(record(Activations.pending("b"), OTHER, 0)));
      under.awaitStored(1);
      assertThat(under.intake.committable()).containsEntry(ORIGIN, 1L + read);
    }
  }

  private static List<SourceRecord> expired(long expiresAtMs, int from, int count) {
    return IntStream.rangeClosed(from + 1, from + count)
        .mapToObj(i -> record(Activations.pending("e").expiresAt(expiresAtMs), ORIGIN, i))
        .toList();
  }

  @Test
  @DisplayName("Ours: a kill switch that was away for a moment reaches what came in that moment")
  void whatWasJudgedBetweenTwoEqualRules_isNotHandedOut() {
    Rules killing = new Rules(new KillSwitch(Set.of("bad"), List.of()), Demotion.NONE);
    InMemoryRules rules = new InMemoryRules((_, _) -> List.of(), Set.of());
    rules.set(killing);
    try (IntakeUnderTest under =
        new IntakeUnderTest(new PlainCodec(), rules.rulebook(), store, time, 256, 16_000_000)) {
      RuleEnforcer enforcer =
          new RuleEnforcer(
              store, rules, (_, _) -> Optional.empty(), _ -> false, time, EventSink.none());
      enforcer.turn();
      fillStore();
      under.intake.accept(List.of(record(Activations.pending("a"), ORIGIN, 0)));
      under.awaitHold(); // what comes now is in one batch
      under.intake.accept(List.of(record(Activations.pending("b"), ORIGIN, 1)));
      rules.set(Rules.NONE);
      under.intake.accept(List.of(record(Activations.pending("c").taskname("bad"), ORIGIN, 2)));
      rules.set(killing);

      emptyStore();
      under.awaitStored(3);

      assertThat(enforcer.turn()).isZero();
      assertThat(
              store
                  .claimForPush("shop", 9, 1_000, Duration.ofSeconds(1))
                  .toCompletableFuture()
                  .join())
          .hasSize(2);
      assertThat(store.depths().pending()).isZero();
    }
  }
}
