package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Rows that cannot be written, among others that can. */
class OwnedStoreBadWriteTest extends BadRows {
  @Test
  void aLargeTaskWhoseClaimCannotBeWritten_isNotHandedOut() {
    store
        .intake()
        .add(
            List.of(Activations.pending("t0").payload(new byte[100_000]).arriving()),
            new AssignmentEpoch());
    journal.unwritable.add("t0");

    assertThat(StoreContract.await(claim())).isEmpty();

    assertThat(putAside).hasValue(1);
    restart();
    assertThat(handOutAll(1)).containsExactly("t0");
  }

  @Test
  void aReportThatCannotBeWritten_failsAlone() {
    add(40);
    assertThat(handOutAll(40)).hasSize(40); // each is written before it is handed out
    journal.unwritable.add("t7");
    List<CompletionStage<?>> reports = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      reports.add(
          store
              .dispatch()
              .conclude(new Report("t" + i, Conclusion.FAILURE, RetryOverride.NONE), null));
    }

    for (int i = 0; i < 40; i++) {
      CompletionStage<?> one = reports.get(i);
      if (i == 7) {
        assertThatThrownBy(() -> StoreContract.await(one))
            .isInstanceOf(StoreException.Rejected.class)
            .hasMessageContaining("t7");
      } else {
        StoreContract.await(one);
      }
    }
    assertThat(store.sweeps().depths().failed()).isEqualTo(39);
    assertThat(store.sweeps().depths().processing()).isZero(); // it is put aside
    restart();
    assertThat(store.sweeps().depths().processing()).isEqualTo(1);
  }

  @Test
  void aRowThatNoSweepCanWrite_holdsUpNoOtherRow() {
    add(10);
    assertThat(handOutAll(10)).hasSize(10);
    journal.unwritable.add("t0");
    time.advance(Duration.ofMinutes(10));

    store.sweeps().sweep(Sweep.DEADLINES, 100);

    assertThat(store.sweeps().depths().pending()).isEqualTo(9);
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 100)).isZero();
  }

  @Test
  void ofABatchThatTakesSeveralTurns_theReportOfTheBadRowIsRefused() {
    int tasks = 2 * Decided.COMMAND_ROWS;
    add(tasks);
    journal.unwritable.add("t3"); // in the first turn

    List<Report> reports =
        IntStream.range(0, tasks)
            .mapToObj(i -> new Report("t" + i, Conclusion.FAILURE, RetryOverride.NONE))
            .toList();
    List<Boolean> known = StoreContract.await(store.dispatch().concludeAll(reports));

    assertThat(known.indexOf(false)).isEqualTo(3);
    assertThat(known.lastIndexOf(false)).isEqualTo(3);
    assertThat(store.sweeps().depths().failed()).isEqualTo(tasks - 1);
  }

  @Test
  void ofABatchOfReports_allOthersAreRecorded() {
    add(10);
    journal.unwritable.add("t3");
    List<Report> reports =
        IntStream.range(0, 10)
            .mapToObj(i -> new Report("t" + i, Conclusion.FAILURE, RetryOverride.NONE))
            .toList();

    List<Boolean> known = StoreContract.await(store.dispatch().concludeAll(reports));

    assertThat(known.indexOf(false)).isEqualTo(3);
    assertThat(known.lastIndexOf(false)).isEqualTo(3);
    assertThat(store.sweeps().depths().failed()).isEqualTo(9);
  }

  @Test
  void aFactThatCannotBeWritten_whileOthersCan_isOver() {
    add(4);
    List<Long> keys = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      report("t" + i, Conclusion.RETRY);
    }
    store.outbox().take(Lane.RETRY, 10, 1_000).forEach(one -> keys.add(one.row().key()));
    journal.unwritable.add("t1");

    store.outbox().published(keys);
    while (store.waiting() > 0) {
      Thread.onSpinWait();
    }

    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000)).isEmpty(); // in this process
    assertThat(store.sweeps().depths().outbox()).isZero();
  }

  @Test
  void aFactThatCannotBeWritten_isWrittenOnceItCanBe_withoutARestart() {
    add(2);
    report("t0", Conclusion.RETRY);
    List<Taken> taken = store.outbox().take(Lane.RETRY, 10, 1_000);
    journal.unwritable.add("t0");
    store.outbox().published(List.of(taken.getFirst().row().key()));
    awaitWritten();
    assertThat(putAside).hasValue(1);

    journal.unwritable.clear();
    time.advance(Duration.ofMinutes(1));
    var _ = store.sweeps().sweep(Sweep.LEASES, 10);
    var _ = store.sweeps().sweep(Sweep.LEASES, 10); // the first one's turn is over

    assertThat(putAside).hasValue(0);
    assertThat(stateInFile("t0")).isInstanceOf(ActivationState.Completed.class);
    assertThat(handOutAll(2)).containsExactly("t1");
  }

  @Test
  void aFactThatCouldNotBeWritten_isTriedALastTimeWhenTheStoreCloses() {
    add(1);
    report("t0", Conclusion.RETRY);
    List<Taken> taken = store.outbox().take(Lane.RETRY, 10, 1_000);
    journal.unwritable.add("t0");
    store.outbox().published(List.of(taken.getFirst().row().key()));
    awaitWritten();

    journal.unwritable.clear();
    restart();

    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000)).isEmpty(); // Kafka has it already
  }

  private ActivationState stateInFile(String id) {
    return file.rows().stream()
        .filter(row -> row.activation().id().equals(id))
        .findFirst()
        .orElseThrow()
        .state();
  }

  @Test
  void aFactThatIsNarrowed_whenTheDiskFillsUp_isWrittenOnceThereIsRoom() {
    add(1);
    report("t0", Conclusion.RETRY);
    long key = store.outbox().take(Lane.RETRY, 10, 1_000).getFirst().row().key();
    journal.failures.addAll(List.of(Extent.ROWS, Extent.FILE));

    store.outbox().published(List.of(key));
    awaitWritten();

    restart();
    assertThat(store.sweeps().depths().outbox()).isZero();
  }

  @Test
  void aPositionThatIsNarrowed_whenTheDiskFillsUp_isWrittenOnceThereIsRoom() {
    NewActivation task = Activations.pending("t").offset(4).atMostOnce().arriving();
    store.intake().add(List.of(task), new AssignmentEpoch());
    journal.failures.addAll(List.of(Extent.ROWS, Extent.FILE));

    store.intake().acknowledged(Map.of(Activations.ORIGIN, 9L));
    awaitWritten();

    restart();
    assertThat(store.sweeps().depths().uncommitted()).isZero(); // it is known to be ours
  }

  @Test
  void aFactThatTheStoreBreaksOn_putsItsRowAside_andNothingElseWaits() {
    add(2);
    Claim claim =
        StoreContract.await(store.pushes().claimForPush("shop", 1, 1_000_000, LEASE))
            .getFirst()
            .claim();

    store.pushes().pushFailed(claim, nothing());
    awaitWritten();

    assertThat(putAside).hasValue(1);
    assertThat(handOutAll(1)).containsExactly("t1");
    time.advance(LEASE.plusSeconds(1));
    assertThat(store.sweeps().sweep(Sweep.LEASES, 10)).isZero(); // it goes nowhere a second time
  }

  /** What a caller with a defect may bring. */
  @SuppressWarnings("NullAway")
  private static String nothing() {
    return null;
  }

  @Test
  void whatNoWorkerCanTake_isPutAside_ifItsRemainsCannotBeWritten() {
    add(2);
    Claim claim =
        StoreContract.await(store.pushes().claimForPush("shop", 1, 1_000_000, LEASE))
            .getFirst()
            .claim();
    journal.unwritable.add("t0");

    assertThat(StoreContract.await(store.pushes().reject(claim, new byte[1], "too large")))
        .isFalse();

    assertThat(putAside).hasValue(1);
    assertThat(handOutAll(1)).containsExactly("t1");
    restart();
    assertThat(store.sweeps().depths().claimed()).isEqualTo(1);
  }

  private void awaitWritten() {
    while (store.waiting() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void ofABatchThatComesIn_theRowThatCannotBeWrittenIsNamed_andTheOthersAreStored() {
    List<NewActivation> batch =
        IntStream.range(0, 100)
            .mapToObj(i -> Activations.pending("t" + i).offset(i).arriving())
            .toList();
    journal.unwritable.addAll(List.of("t41", "t99"));

    StoreException.RefusedRows refused =
        catchThrowableOfType(
            StoreException.RefusedRows.class,
            () -> store.intake().add(batch, new AssignmentEpoch()));

    assertThat(refused.reasons()).containsOnlyKeys(41, 99);
    assertThat(refused.reasons().get(41)).contains("the row does not fit");
    assertThat(refused.added()).isEqualTo(98);
    assertThat(handOutAll(98)).hasSize(98).doesNotContain("t41", "t99");
  }
}
