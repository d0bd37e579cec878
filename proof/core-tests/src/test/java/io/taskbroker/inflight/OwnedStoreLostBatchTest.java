package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A batch of several slices, whose partition goes to another broker while it comes in. */
@Timeout(60)
class OwnedStoreLostBatchTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final int TASKS = 4;

  /** So large that each task is a slice of its own. */
  private static final byte[] PAYLOAD = new byte[600_000];

  private final GatedJournal journal = new GatedJournal(new InMemoryFile());
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(ENGINE, false),
          new SettableTime(),
          SystemThreads.INSTANCE,
          _ -> {});

  @AfterEach
  void close() {
    journal.beforeWrites.open();
    store.close();
  }

  @Test
  void whatComesInAfterTheLoss_doesNotRun_onceAnotherBrokerMayHaveRunIt() throws Exception {
    AssignmentEpoch epoch = new AssignmentEpoch();
    CompletableFuture<Integer> adding = loseWhileAdding(epoch);

    assertThat(StoreContract.await(adding)).isEqualTo(TASKS);
    store.intake().acknowledged(Map.of(ORIGIN, (long) TASKS)); // the other broker's commit
    store.sweeps().sweep(Sweep.COMMITTED, 10);

    assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isEmpty();
    assertThat(store.sweeps().totals().overtaken()).isEqualTo(TASKS);
  }

  @Test
  void whatComesInAfterTheLoss_runs_onceItsRecordHasComeAgain() throws Exception {
    CompletableFuture<Integer> adding = loseWhileAdding(new AssignmentEpoch());
    StoreContract.await(adding);

    store.intake().assigned(Map.of(ORIGIN, 0L));
    assertThat(store.intake().add(tasks(), new AssignmentEpoch())).isZero();
    store.intake().acknowledged(Map.of(ORIGIN, (long) TASKS)); // our own commit
    store.sweeps().sweep(Sweep.COMMITTED, 10);

    for (int i = 0; i < TASKS; i++) {
      assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();
    }
  }

  /** Loses the partition when the first slice is being written. */
  private CompletableFuture<Integer> loseWhileAdding(AssignmentEpoch epoch) throws Exception {
    assertThat(StoreContract.await(store.dispatch().claim(ClaimFilter.ANY))).isEmpty();
    journal.beforeWrites.shut(); // once the store has begun
    CompletableFuture<Integer> adding =
        CompletableFuture.supplyAsync(
            () -> store.intake().add(tasks(), epoch), Thread::startVirtualThread);
    journal.beforeWrites.awaitArrival();

    epoch.lose();
    CompletableFuture<Void> losing =
        CompletableFuture.runAsync(
            () -> store.intake().lost(List.of(ORIGIN)), Thread::startVirtualThread);
    while (store.waiting() < 2) { // the batch, and the loss
      Thread.onSpinWait();
    }
    journal.beforeWrites.open();
    StoreContract.await(losing);
    return adding;
  }

  private static List<NewActivation> tasks() {
    return IntStream.range(0, TASKS)
        .mapToObj(
            i -> Activations.pending("a" + i).offset(i).atMostOnce().payload(PAYLOAD).arriving())
        .toList();
  }
}
