package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.GatedJournal.Write;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How the owned store gathers what waits, and what it promises those who wait. */
class OwnedStoreGroupTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final int MAX_WAITING = 50;
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final SettableTime time = new SettableTime();
  private final GatedJournal journal = new GatedJournal(new InMemoryFile());
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(ENGINE, false, MAX_WAITING, LONGEST_WAIT, StoreSettings.MAX_WAITERS),
          time,
          SystemThreads.INSTANCE,
          _ -> {});

  @AfterEach
  void close() {
    journal.beforeWrites.open();
    journal.beforeSyncs.open();
    store.close();
  }

  private void add(Activations... tasks) {
    store.intake().add(Stream.of(tasks).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  private void addMany(int count) {
    add(
        IntStream.range(0, count)
            .mapToObj(i -> Activations.pending("a" + i))
            .toArray(Activations[]::new));
  }

  private CompletableFuture<Optional<Delivered>> claim() {
    return store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture();
  }

  private CompletableFuture<?> complete(String id) {
    return store
        .dispatch()
        .conclude(new Report(id, Conclusion.COMPLETE, RetryOverride.NONE), null)
        .toCompletableFuture();
  }

  private CompletableFuture<Integer> addLater(AssignmentEpoch epoch, NewActivation task) {
    return CompletableFuture.supplyAsync(
        () -> store.intake().add(List.of(task), epoch), Thread::startVirtualThread);
  }

  /** Claims until there was something to claim. */
  private void awaitOne() {
    while (StoreContract.await(claim()).isEmpty()) {
      Thread.onSpinWait();
    }
  }

  /** Keeps the writer at one write until the gate is opened. */
  private void occupyTheWriter() throws InterruptedException {
    journal.beforeWrites.shut();
    var _ = complete("a0");
    journal.beforeWrites.awaitArrival();
  }

  @Test
  void anAnswer_comesOnlyAfterTheWrite() throws Exception {
    addMany(2);
    occupyTheWriter();
    CompletableFuture<Optional<Delivered>> claim = claim();
    assertThat(claim).isNotDone();

    journal.beforeWrites.open();

    assertThat(StoreContract.await(claim)).isPresent();
  }

  @Test
  void aLargePayload_isNotReadForSomebodyWhoDeclinesIt() {
    add(Activations.pending("a0").payload(new byte[100_000]));

    var declined = store.dispatch().claim(ClaimFilter.ANY, _ -> false).toCompletableFuture();
    assertThat(StoreContract.await(declined)).isEmpty();
    assertThat(journal.largeReads()).isZero();

    assertThat(StoreContract.await(claim())).isPresent();
    assertThat(journal.largeReads()).isOne();
  }

  @Test
  void callsThatWaitTogether_shareOneWrite() throws Exception {
    addMany(41);
    occupyTheWriter();
    int before = journal.writes().size();
    List<CompletableFuture<Optional<Delivered>>> claims = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      claims.add(claim());
    }

    journal.beforeWrites.open();

    for (CompletableFuture<Optional<Delivered>> claim : claims) {
      assertThat(StoreContract.await(claim)).isPresent();
    }
    assertThat(journal.writes()).hasSize(before + 2); // the one that was held, and the group
  }

  @Test
  void aClaimThatTakesNothing_writesNothing() {
    addMany(1);
    StoreContract.await(claim());
    int before = journal.writes().size();

    assertThat(StoreContract.await(claim())).isEmpty();
    assertThat(journal.writes()).hasSize(before);
  }

  @Test
  void aCommandThatBreaks_failsAloneInItsGroup() throws Exception {
    addMany(3);
    occupyTheWriter();
    CompletableFuture<Optional<Delivered>> first = claim();
    var broken = store.pushes().claimForPush("shop", -1, 1_000, Duration.ofSeconds(1));
    CompletableFuture<Optional<Delivered>> second = claim();

    journal.beforeWrites.open();

    assertThat(StoreContract.await(first)).isPresent();
    assertThat(StoreContract.await(second)).isPresent();
    assertThatThrownBy(() -> StoreContract.await(broken))
        .isInstanceOf(StoreException.Rejected.class);
    assertThat(store.sweeps().depths().processing()).isEqualTo(2);
  }

  @Test
  void whoComesWhileTooManyWait_isRefusedAtOnce() throws Exception {
    addMany(2);
    occupyTheWriter();
    List<CompletableFuture<?>> waiting = new ArrayList<>();
    for (int i = 0; i < MAX_WAITING; i++) {
      waiting.add(complete("nobody"));
    }

    assertThatThrownBy(() -> StoreContract.await(claim()))
        .isInstanceOf(StoreException.Overloaded.class);

    journal.beforeWrites.open();
    waiting.forEach(StoreContract::await);
    assertThat(StoreContract.await(claim())).isPresent();
  }

  private CompletableFuture<List<Boolean>> reportAll(List<Report> reports) {
    return store.dispatch().concludeAll(reports).toCompletableFuture();
  }

  /** One request may bring 4 MB of ids, and a connection may have hundreds of requests. */
  @Test
  void whoComesWhileTooMuchWaits_isRefusedAtOnce() throws Exception {
    addMany(2);
    occupyTheWriter();
    Report unknown = new Report("x".repeat(36), Conclusion.COMPLETE, RetryOverride.NONE);
    List<Report> large = Collections.nCopies(100_000, unknown); // 15.6 MB, by the estimate
    List<CompletableFuture<?>> waiting = List.of(reportAll(large), reportAll(large));

    assertThatThrownBy(() -> StoreContract.await(reportAll(large)))
        .isInstanceOf(StoreException.Overloaded.class)
        .hasMessageContaining("29 MB");
    CompletableFuture<?> light = complete("a1");

    journal.beforeWrites.open();
    waiting.forEach(StoreContract::await);
    StoreContract.await(light);
    assertThat(StoreContract.await(reportAll(large))).hasSize(100_000);
  }

  /** Or it could never be made. */
  @Test
  void aCallThatBringsMoreThanMayWait_isServedAlone() {
    Report unknown = new Report("x".repeat(36), Conclusion.COMPLETE, RetryOverride.NONE);

    assertThat(StoreContract.await(reportAll(Collections.nCopies(300_000, unknown))))
        .hasSize(300_000);
  }

  @Test
  void whoHasWaitedTooLong_isToldEvenWhileTheWriterHangs() throws Exception {
    addMany(2);
    occupyTheWriter();
    CompletableFuture<Optional<Delivered>> claim = claim();

    time.advance(LONGEST_WAIT.plusMillis(1));

    assertThatThrownBy(() -> StoreContract.await(claim))
        .isInstanceOf(StoreException.Unavailable.class);
    journal.beforeWrites.open();
    assertThat(StoreContract.await(claim())).isPresent(); // nothing was taken for the other one
  }

  @Test
  void aBatchThatHasNotBegun_isWithdrawnWithItsAssignment() throws Exception {
    addMany(1);
    occupyTheWriter();
    AssignmentEpoch epoch = new AssignmentEpoch();
    CompletableFuture<Integer> late = addLater(epoch, Activations.pending("late").arriving());

    epoch.end();
    journal.beforeWrites.open();

    assertThatThrownBy(() -> StoreContract.await(late)).isInstanceOf(StoreException.Rejected.class);
    assertThat(StoreContract.await(claim())).isEmpty();
  }

  @Test
  void aLargeBatch_isWrittenInSlicesBetweenWhichOthersPass() {
    byte[] third = new byte[400_000];
    List<NewActivation> batch =
        IntStream.range(0, 12)
            .mapToObj(i -> Activations.pending("big" + i).payload(third).arriving())
            .toList();

    assertThat(store.intake().add(batch, new AssignmentEpoch())).isEqualTo(12);

    assertThat(journal.writes().stream().skip(1)) // which has reserved numbers
        .hasSize(6)
        .allSatisfy(write -> assertThat(write.group().payloads()).hasSize(2));
  }

  @Test
  void close_doesWhatWaitsAndRefusesWhatComesLater() throws Exception {
    addMany(2);
    occupyTheWriter();
    CompletableFuture<Optional<Delivered>> waiting = claim();
    Thread closing = Thread.startVirtualThread(store::close);

    journal.beforeWrites.open();
    closing.join();

    assertThat(StoreContract.await(waiting)).isPresent();
    assertThatThrownBy(() -> StoreContract.await(claim()))
        .isInstanceOf(StoreException.Closed.class);
    assertThatThrownBy(() -> add(Activations.pending("late")))
        .isInstanceOf(StoreException.Closed.class);
  }

  // ---------------------------------------------------------------- how long things last

  @Test
  void aBatch_isAnsweredOnceItIsSynced_andHoldsUpNobodyElse() throws Exception {
    journal.beforeSyncs.shut();
    CompletableFuture<Integer> adding =
        addLater(new AssignmentEpoch(), Activations.pending("a").arriving());
    journal.beforeSyncs.awaitArrival();

    assertThat(StoreContract.await(claim())).isPresent();
    assertThat(StoreContract.await(complete("a"))).isNotNull();
    assertThat(adding).isNotDone();

    journal.beforeSyncs.open();
    assertThat(StoreContract.await(adding)).isEqualTo(1);
  }

  @Test
  void batchesThatWaitForTheDiskTogether_shareASync() throws Exception {
    journal.beforeSyncs.shut();
    List<CompletableFuture<Integer>> adding = new ArrayList<>();
    adding.add(addLater(new AssignmentEpoch(), Activations.pending("first").arriving()));
    journal.beforeSyncs.awaitArrival();
    for (int i = 0; i < 5; i++) {
      adding.add(addLater(new AssignmentEpoch(), Activations.pending("later" + i).arriving()));
    }
    for (int i = 0; i < 6; i++) {
      awaitOne(); // all are written
    }

    journal.beforeSyncs.open();

    for (CompletableFuture<Integer> one : adding) {
      assertThat(StoreContract.await(one)).isEqualTo(1);
    }
    assertThat(journal.syncs()).isEqualTo(2);
  }

  @Test
  void close_syncsWhatWasWritten() throws Exception {
    journal.beforeSyncs.shut();
    CompletableFuture<Integer> adding =
        addLater(new AssignmentEpoch(), Activations.pending("a").arriving());
    journal.beforeSyncs.awaitArrival();
    Thread closing = Thread.startVirtualThread(store::close);

    journal.beforeSyncs.open();
    closing.join();

    assertThat(StoreContract.await(adding)).isEqualTo(1);
  }

  @Test
  void atMostOnceClaims_areSyncedBeforeTheyAreAnswered() {
    store.intake().acknowledged(Map.of(ORIGIN, 10L));
    store.sweeps().sweep(Sweep.COMMITTED, 10);
    add(Activations.pending("first"));
    StoreContract.await(claim());
    var _ = StoreContract.await(complete("first"));
    int before = journal.writes().size();
    add(Activations.pending("often"));
    StoreContract.await(claim());
    var _ = StoreContract.await(complete("often"));
    add(Activations.pending("once").atMostOnce());
    StoreContract.await(claim());

    assertThat(journal.writes().stream().skip(before).map(Write::durability))
        .containsExactly(
            Durability.PROCESS_CRASH, // added, and synced beside the writer
            Durability.PROCESS_CRASH, // claimed
            Durability.PROCESS_CRASH, // completed
            Durability.PROCESS_CRASH, // added
            Durability.POWER_CUT); // claimed, to run once
  }

  @Test
  void aSetting_makesClaimsAndReportsSurviveAPowerCut() {
    GatedJournal synced = new GatedJournal(new InMemoryFile());
    try (OwnedStore careful =
        OwnedStore.open(
            synced, new StoreSettings(ENGINE, true), time, SystemThreads.INSTANCE, _ -> {})) {
      careful.intake().add(List.of(Activations.pending("a").arriving()), new AssignmentEpoch());
      StoreContract.await(careful.dispatch().claim(ClaimFilter.ANY));
    }

    assertThat(synced.writes().getLast().durability()).isEqualTo(Durability.POWER_CUT);
  }
}
