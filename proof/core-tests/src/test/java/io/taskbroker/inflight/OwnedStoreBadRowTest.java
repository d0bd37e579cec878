package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.JournalException.Extent;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A row that cannot be read or written concerns nobody else. */
@Timeout(60)
class OwnedStoreBadRowTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private final AtomicInteger putAside = new AtomicInteger();
  private BadRowJournal journal = new BadRowJournal(file);
  private OwnedStore store = open();

  private OwnedStore open() {
    return OwnedStore.open(
        journal,
        new StoreSettings(ENGINE, false),
        time,
        SystemThreads.INSTANCE,
        _ -> {},
        _ -> {},
        event -> {
          if (event instanceof StoreEvent.PutAside(int rows)) {
            putAside.set(rows);
          }
        });
  }

  private void restart() {
    store.close();
    journal = new BadRowJournal(file);
    store = open();
  }

  @AfterEach
  void close() {
    store.close();
  }

  private void add(int tasks) {
    store
        .intake()
        .add(
            IntStream.range(0, tasks)
                .mapToObj(i -> Activations.pending("t" + i).offset(i).arriving())
                .toList(),
            new AssignmentEpoch());
  }

  private CompletionStage<Optional<Delivered>> claim() {
    return store.dispatch().claim(ClaimFilter.ANY);
  }

  private boolean report(String id, Conclusion conclusion) {
    Report report = new Report(id, conclusion, RetryOverride.NONE);
    return StoreContract.await(store.dispatch().conclude(report, null)).known();
  }

  /** Claims until there is nothing more, not counting callers that got nothing for a bad row. */
  private List<String> handOutAll(int calls) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      StoreContract.await(claim()).ifPresent(one -> ids.add(one.claim().activation().id()));
    }
    return ids;
  }

  // ---------------------------------------------------------------- reading

  @Test
  void payloadsThatCannotBeRead_arePutAside_andAllOthersAreHandedOut() {
    add(1_000);
    journal.unreadable.addAll(List.of(1L, 2L, 3L, 500L));

    assertThat(handOutAll(996)).hasSize(996); // no call comes back empty for a bad row
    assertThat(StoreContract.await(claim())).isEmpty();

    assertThat(store.sweeps().depths().pending()).isZero();
    assertThat(store.sweeps().depths().processing()).isEqualTo(996);
    assertThat(putAside).hasValue(4);
    restart();
    assertThat(store.sweeps().depths().pending()).isEqualTo(4); // unharmed, and tried again
    assertThat(handOutAll(4)).containsExactly("t0", "t1", "t2", "t499");
  }

  @Test
  void largePayloadsThatCannotBeRead_leaveTheirCallerTheNextOne() {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      batch.add(Activations.pending("t" + i).offset(i).payload(new byte[100_000]).arriving());
    }
    store.intake().add(batch, new AssignmentEpoch());
    journal.unreadable.addAll(List.of(1L, 2L, 4L));

    assertThat(handOutAll(1)).containsExactly("t2");
    assertThat(StoreContract.await(store.pushes().claimForPush("shop", 1, 10_000_000, LEASE)))
        .extracting(one -> one.claim().activation().id())
        .containsExactly("t4");
    Report report = new Report("t2", Conclusion.COMPLETE, RetryOverride.NONE);
    assertThat(
            StoreContract.await(store.dispatch().conclude(report, ClaimFilter.ANY))
                .next()
                .orElseThrow()
                .claim()
                .activation()
                .id())
        .isEqualTo("t5");
    assertThat(StoreContract.await(claim())).isEmpty();
    assertThat(putAside).hasValue(3);
  }

  @Test
  void aReport_isTakenOnce_thoughTheNextOneCannotBeRead() {
    add(3);
    assertThat(handOutAll(1)).containsExactly("t0");
    journal.unreadable.add(2L);

    var concluded =
        StoreContract.await(
            store
                .dispatch()
                .conclude(
                    new Report("t0", Conclusion.COMPLETE, RetryOverride.NONE), ClaimFilter.ANY));

    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next().orElseThrow().claim().activation().id()).isEqualTo("t2");
  }

  @Test
  void aStoreThatCloses_answersWhoeverMeetsABadRow() throws Exception {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      batch.add(Activations.pending("t" + i).offset(i).payload(new byte[100_000]).arriving());
      journal.unreadable.add(i + 1L);
    }
    batch.add(Activations.pending("last").offset(50).arriving());
    store.intake().add(batch, new AssignmentEpoch());
    CompletionStage<Optional<Delivered>> asked = claim();

    store.close();

    assertThat(asked.toCompletableFuture()).isDone();
  }

  @Test
  void reportsThatShareAGroupWithABadClaim_areTaken() {
    add(100);
    journal.unreadable.add(1L);
    List<CompletionStage<?>> claims = new ArrayList<>();
    List<CompletionStage<?>> reports = new ArrayList<>();
    for (int i = 50; i < 100; i++) {
      claims.add(claim());
      reports.add(
          store
              .dispatch()
              .conclude(new Report("t" + i, Conclusion.COMPLETE, RetryOverride.NONE), null));
    }

    claims.forEach(StoreContract::await);
    reports.forEach(StoreContract::await);
  }

  @Test
  void aBlindStore_takesReports_andPutsNothingAside() {
    add(3);
    Delivered task = StoreContract.await(claim()).orElseThrow();
    journal.blind = true;

    assertThatThrownBy(() -> StoreContract.await(claim()))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThat(report(task.claim().activation().id(), Conclusion.COMPLETE)).isTrue();

    journal.blind = false;
    assertThat(handOutAll(2)).containsExactly("t1", "t2");
  }

  @Test
  void aLargePayloadThatCannotBeRead_leavesTheOthersOfItsClaim() {
    List<NewActivation> batch = new ArrayList<>();
    for (int i = 0; i < 16; i++) {
      byte[] payload = new byte[i == 7 ? 100_000 : 100];
      batch.add(Activations.pending("p" + i).offset(i).atMostOnce().payload(payload).arriving());
    }
    store.intake().add(batch, new AssignmentEpoch());
    store.intake().acknowledged(Map.of(Activations.ORIGIN, 100L));
    store.sweeps().sweep(Sweep.COMMITTED, 100);
    journal.unreadable.add(8L);

    assertThat(StoreContract.await(store.pushes().claimForPush("shop", 16, 10_000_000, LEASE)))
        .hasSize(15);

    while (store.sweeps().depths().claimed() != 15) {
      Thread.onSpinWait();
    }
    restart();
    journal.unreadable.clear();
    assertThat(store.sweeps().depths().pending()).isEqualTo(1);
  }

  @Test
  void aRowOfTheOutboxThatCannotBeRead_holdsUpNoOther() {
    add(1_500);
    for (int i = 0; i < 1_500; i++) {
      report("t" + i, Conclusion.RETRY);
    }
    journal.unreadable.add(1L);

    List<Taken> taken = new ArrayList<>();
    for (int turn = 0; turn < 20; turn++) { // each takes what a turn of the writer may
      List<Taken> some = store.outbox().take(Lane.RETRY, 1_000, 1 << 24);
      store.outbox().published(some.stream().map(one -> one.row().key()).toList());
      taken.addAll(some);
    }

    assertThat(taken).hasSize(1_499);
    restart();
    assertThat(store.outbox().take(Lane.RETRY, 1_000, 1 << 24)).hasSize(1);
  }

  // ---------------------------------------------------------------- writing

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
