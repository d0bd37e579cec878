package io.taskbroker.application.intake;

import static io.taskbroker.application.intake.IntakeUnderTest.record;
import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.broker.PlainCodec;
import io.taskbroker.testkit.store.ModelStore;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a batch is told whose partitions go while the store has it. */
class LostPartitionsTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);

  private final SettableTime time = new SettableTime();
  private final ModelStore model = new ModelStore(ENGINE, time);
  private final SlowStore store = new SlowStore(model);

  private IntakeUnderTest beginABatch() {
    IntakeUnderTest under = new IntakeUnderTest(new PlainCodec(), store, time);
    under.intake.accept(List.of(record(Activations.pending("a"), ORIGIN, 0)));
    return under;
  }

  @Test
  void whatIsLost_isCommittedByNobody_howeverItEnds() throws Exception {
    try (IntakeUnderTest under = beginABatch()) {
      AssignmentEpoch epoch = store.awaitBatch();

      under.intake.lost();
      assertThat(epoch.isLost()).isTrue();

      store.goOn.countDown();
      under.awaitStored(1);
      assertThat(under.intake.committable()).isEmpty();
    }
  }

  @Test
  void whatOutlivesAHandOver_isLost() throws Exception {
    try (IntakeUnderTest under = beginABatch()) {
      AssignmentEpoch epoch = store.awaitBatch();

      assertThat(under.intake.revoke(Duration.ofMillis(1))).isEmpty();
      assertThat(epoch.isLost()).isTrue();

      store.goOn.countDown();
    }
  }

  @Test
  void whatIsStoredBeforeAHandOver_isNotLost() throws Exception {
    store.goOn.countDown();
    try (IntakeUnderTest under = beginABatch()) {
      AssignmentEpoch epoch = store.awaitBatch();
      under.awaitStored(1);

      assertThat(under.intake.revoke(Duration.ofMinutes(2))).isEqualTo(Map.of(ORIGIN, 1L));
      assertThat(epoch.isLost()).isFalse();
    }
  }

  @Test
  void whatTheNextOwnerCommits_freesNothing_beforeTheLossIsKnown() {
    try (IntakeUnderTest under = storeOneThatMayRunOnce()) {
      assertThat(under.intake.awaited()).isEmpty();
      under.intake.groupMovedTo(Map.of(ORIGIN, 1L)); // as by an answer that was on its way
      assertThat(handOut()).isEmpty();
      assertThat(model.depths().pending()).isEqualTo(1);

      under.intake.lost();
      assertThat(under.intake.awaited()).containsExactly(ORIGIN);
      under.intake.groupMovedTo(Map.of(ORIGIN, 1L));
      assertThatItMayHaveRunElsewhere();
    }
  }

  @Test
  void whatTheGroupHasPassed_whenItsPartitionComesBack_mayHaveRunElsewhere() {
    try (IntakeUnderTest under = storeOneThatMayRunOnce()) {
      under.intake.lost();
      under.intake.assigned(Map.of(ORIGIN, 1L));

      assertThatItMayHaveRunElsewhere();
    }
  }

  /** Stores an at-most-once task whose offset is not committed. */
  private IntakeUnderTest storeOneThatMayRunOnce() {
    store.goOn.countDown();
    IntakeUnderTest under = new IntakeUnderTest(new PlainCodec(), store, time);
    under.intake.assigned(Map.of(ORIGIN, 0L));
    under.intake.accept(List.of(record(Activations.pending("once").atMostOnce(), ORIGIN, 0)));
    under.awaitStored(1);
    return under;
  }

  private Optional<Delivered> handOut() {
    return StoreContract.await(model.claim(ClaimFilter.ANY));
  }

  private void assertThatItMayHaveRunElsewhere() {
    int _ = model.sweep(Sweep.COMMITTED, 10);
    assertThat(handOut()).isEmpty();
    assertThat(model.depths().failed()).isEqualTo(1);
  }

  /** Has a batch, and does not come to an end with it until it may. */
  private static final class SlowStore extends ForwardingIntakeStore {
    private final BlockingQueue<AssignmentEpoch> begun = new LinkedBlockingQueue<>();
    final CountDownLatch goOn = new CountDownLatch(1);

    SlowStore(IntakeStore store) {
      super(store);
    }

    /** Waits for a batch, and gives the epoch that it came under. */
    AssignmentEpoch awaitBatch() throws InterruptedException {
      AssignmentEpoch epoch = begun.poll(60, TimeUnit.SECONDS);
      if (epoch == null) {
        throw new AssertionError("no batch comes");
      }
      return epoch;
    }

    @Override
    public int add(List<NewActivation> batch, AssignmentEpoch epoch) {
      int added = super.add(batch, epoch);
      begun.add(epoch);
      try {
        if (!goOn.await(60, TimeUnit.SECONDS)) {
          throw new AssertionError("nobody lets the batch go on");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      return added;
    }
  }
}
