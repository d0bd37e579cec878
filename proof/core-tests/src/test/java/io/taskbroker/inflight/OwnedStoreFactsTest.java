package io.taskbroker.inflight;

import static io.taskbroker.testkit.Activations.ORIGIN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.InMemoryFile;
import io.taskbroker.testkit.store.StoreContract;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What has happened outside is neither refused nor forgotten, whatever the disk does meanwhile. */
@Timeout(60)
class OwnedStoreFactsTest {
  private static final EngineSettings ENGINE = new EngineSettings(Duration.ofSeconds(3), 3);
  private static final int MAX_WAITING = 10;
  private static final Duration LEASE = Duration.ofSeconds(30);

  private final SettableTime time = new SettableTime();
  private final InMemoryFile file = new InMemoryFile();
  private final FullJournal journal = new FullJournal(file);
  private OwnedStore store = open(journal);

  private OwnedStore open(FullJournal opened) {
    return OwnedStore.open(
        opened,
        new StoreSettings(
            ENGINE, false, MAX_WAITING, Duration.ofSeconds(10), StoreSettings.MAX_WAITERS),
        time,
        SystemThreads.INSTANCE,
        _ -> {});
  }

  @AfterEach
  void close() {
    journal.gate.open();
    journal.full(false);
    store.close();
  }

  // ---------------------------------------------------------------- scenery

  private void add(Activations... tasks) {
    store
        .intake()
        .add(List.of(tasks).stream().map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  private CompletableFuture<?> report(String id, Conclusion conclusion) {
    return store
        .dispatch()
        .conclude(new Report(id, conclusion, RetryOverride.NONE), null)
        .toCompletableFuture();
  }

  private static <T> T await(CompletionStage<T> stage) {
    return StoreContract.await(stage);
  }

  /** How many are where, once nothing waits any more. */
  private Depths settled() {
    while (store.waiting() > 0) {
      Thread.onSpinWait();
    }
    var _ = store.sweeps().reclaim(); // after what the writer is at
    return store.sweeps().depths();
  }

  /** Waits until the disk was tried that often again. */
  private void awaitAttempts(int attempts) {
    int before = journal.attempts();
    while (journal.attempts() < before + attempts) {
      Thread.onSpinWait();
    }
  }

  private Claim claimForPush() {
    return await(store.pushes().claimForPush("shop", 1, 1_000_000, LEASE)).getFirst().claim();
  }

  // ---------------------------------------------------------------- the disk is full

  @Test
  void whatKafkaHasAcknowledged_isNotTakenAgain_whileItCannotBeWritten() {
    add(Activations.pending("a"), Activations.pending("b"));
    await(report("a", Conclusion.RETRY));
    await(report("b", Conclusion.RETRY));
    Taken first = store.outbox().take(Lane.RETRY, 1, 1_000).getFirst();

    journal.full(true);
    store.outbox().published(List.of(first.row().key()));
    awaitAttempts(3);

    assertThatThrownBy(() -> store.outbox().take(Lane.RETRY, 10, 1_000))
        .isInstanceOf(StoreException.Unavailable.class);
    journal.full(false);
    assertThat(settled().outbox()).isEqualTo(1);
    assertThat(store.outbox().take(Lane.RETRY, 10, 1_000))
        .extracting(taken -> taken.row().activation().id())
        .containsExactly("b");
  }

  @Test
  void anAcceptedPush_isWrittenWhenItCanBe_andItsOutcomeIsTaken() {
    add(Activations.pending("a"));
    Claim claim = claimForPush();
    await(store.pushes().sending(claim));

    journal.full(true);
    CompletionStage<Boolean> accepted = store.pushes().accepted(claim);
    awaitAttempts(2);
    assertThat(accepted.toCompletableFuture()).isNotDone();
    journal.full(false);

    assertThat(await(accepted)).isTrue();
    time.advance(LEASE.plusSeconds(1));
    assertThat(store.sweeps().sweep(Sweep.LEASES, 10)).isZero();
    assertThat(settled().processing()).isEqualTo(1);
  }

  @Test
  void whatNoWorkerCanTake_leavesOnceItCanBeWritten() {
    add(Activations.pending("a").offset(4));
    Claim claim = claimForPush();

    journal.full(true);
    CompletionStage<Boolean> rejected = store.pushes().reject(claim, new byte[] {7}, "too large");
    awaitAttempts(2);
    assertThat(rejected.toCompletableFuture()).isNotDone();
    time.advance(Duration.ofSeconds(20)); // longer than a request may wait
    awaitAttempts(2);
    journal.full(false);

    assertThat(await(rejected)).isTrue();
    assertThat(store.outbox().take(Lane.DEAD_LETTER, 10, 1_000))
        .extracting(taken -> taken.row().activation().defect())
        .containsExactly("too large");
  }

  @Test
  void whatIsSaidOfAnOldClaim_neverTakesThePlaceOfWhatIsSaidOfTheNewOne() {
    add(Activations.pending("a"));
    Claim old = claimForPush();
    time.advance(LEASE.plusSeconds(1));
    assertThat(store.sweeps().sweep(Sweep.LEASES, 10)).isEqualTo(1);
    Claim latest = claimForPush();
    await(store.pushes().sending(latest));

    journal.full(true);
    CompletionStage<Boolean> accepted = store.pushes().accepted(latest);
    CompletionStage<Boolean> stale = store.pushes().accepted(old);
    store.pushes().release(List.of(old));
    awaitAttempts(2);
    journal.full(false);

    assertThat(await(accepted)).isTrue();
    assertThat(await(stale)).isFalse();
    assertThat(settled().processing()).isEqualTo(1);
  }

  @Test
  void whileAFactWaits_nothingNewIsHandedOut_andReportsAreTriedOn() {
    add(Activations.pending("a"), Activations.pending("b"));
    Delivered task = await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow();
    journal.full(true);
    store.dispatch().release(List.of(task.claim()));
    awaitAttempts(1);

    assertThatThrownBy(() -> await(store.dispatch().claim(ClaimFilter.ANY)))
        .isInstanceOf(StoreException.Unavailable.class);
    assertThatThrownBy(() -> claimForPush()).isInstanceOf(StoreException.Unavailable.class);
    assertThatThrownBy(() -> await(report("b", Conclusion.COMPLETE)))
        .isInstanceOf(StoreException.Unavailable.class);

    journal.full(false);
    assertThat(settled().pending()).isEqualTo(2);
  }

  @Test
  void whileAFactWaits_nobodysSilenceIsJudged() {
    addCovered("once", 100);
    Delivered task = await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow();
    journal.full(true);
    store.dispatch().release(List.of(task.claim())); // it reached nobody
    awaitAttempts(1);
    time.advance(Duration.ofMinutes(5));
    journal.full(false); // before the next attempt

    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isZero();
    assertThat(settled().pending()).isEqualTo(1);
  }

  @Test
  void whatCannotBeWritten_isTriedOncePerPause() throws Exception {
    int rows = 2_000;
    List<Report> reports = new ArrayList<>();
    add(
        IntStream.range(0, rows)
            .mapToObj(i -> Activations.pending("t" + i).offset(i))
            .toArray(Activations[]::new));
    IntStream.range(0, rows)
        .forEach(i -> reports.add(new Report("t" + i, Conclusion.COMPLETE, RetryOverride.NONE)));
    await(store.dispatch().concludeAll(reports));

    int before = journal.attempts();
    long began = System.nanoTime();
    journal.full(true);
    store.intake().acknowledged(Map.of(ORIGIN, (long) rows));
    awaitAttempts(8);
    int attempts = journal.attempts() - before;
    Duration took = Duration.ofNanos(System.nanoTime() - began);

    long pauses = took.dividedBy(OwnedStore.PAUSE);
    assertThat((long) attempts).isLessThanOrEqualTo(pauses + 2); // the first, and one begun
    journal.full(false);
    while (settled().finished() > 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void newerFactsOfTheSameSubject_takeTheOlderOnesPlace() {
    add(Activations.pending("a").offset(0));
    journal.full(true);
    for (long position = 1; position <= 1_000; position++) {
      store.intake().acknowledged(Map.of(ORIGIN, position));
    }
    awaitAttempts(1);

    assertThat(store.waiting()).isLessThanOrEqualTo(2); // the position, and whether there is room
  }

  @Test
  void anEarlierPositionThatComesLater_saysNothing() {
    add(Activations.pending("a").offset(5).atMostOnce());
    journal.full(true);
    store.intake().acknowledged(Map.of(ORIGIN, 10L));
    store.intake().acknowledged(Map.of(ORIGIN, 3L));
    journal.full(false);

    while (settled().uncommitted() > 0) {
      Thread.onSpinWait();
    }
    assertThat(await(store.dispatch().claim(ClaimFilter.ANY))).isPresent();
  }

  @Test
  void aPositionThatIsAcknowledgedAfterTheLoss_isAnotherBrokers() {
    add(Activations.pending("ours").offset(1).atMostOnce());
    add(Activations.pending("theirs").offset(5).atMostOnce());
    journal.full(true);
    store.intake().acknowledged(Map.of(ORIGIN, 3L)); // our commit
    store.intake().lost(List.of(ORIGIN));
    store.intake().acknowledged(Map.of(ORIGIN, 10L)); // the other broker's
    journal.full(false);

    while (settled().uncommitted() > 0) {
      Thread.onSpinWait();
    }
    assertThat(await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow().claim().activation())
        .returns("ours", activation -> activation.id());
    assertThat(store.sweeps().totals().overtaken()).isEqualTo(1);
  }

  // ---------------------------------------------------------------- the queue is full

  @Test
  void aClaimThatReachedNobody_isTakenBack_thoughTooManyWait() throws Exception {
    addCovered("once", 100);
    journal.gate.shut();
    CompletionStage<?> declined = store.dispatch().claim(ClaimFilter.ANY, _ -> false);
    journal.gate.awaitArrival();
    List<CompletionStage<?>> others = new ArrayList<>();
    for (int i = 0; i < MAX_WAITING; i++) {
      others.add(report("nobody", Conclusion.COMPLETE));
    }

    journal.gate.open();
    await(declined);
    others.forEach(OwnedStoreFactsTest::await);

    assertThat(settled().pending()).isEqualTo(1);
    time.advance(Duration.ofMinutes(5));
    assertThat(store.sweeps().sweep(Sweep.DEADLINES, 10)).isZero();
  }

  // ---------------------------------------------------------------- the store closes

  @Test
  void aClaimThatReachedNobody_isTakenBack_whileTheStoreCloses() throws Exception {
    for (int payload : new int[] {100, 100_000}) {
      String id = "once" + payload;
      addCovered(id, payload);
      journal.gate.shut();
      CompletionStage<?> declined = store.dispatch().claim(ClaimFilter.ANY, _ -> false);
      journal.gate.awaitArrival();
      Thread closing = Thread.startVirtualThread(store::close);

      journal.gate.open();
      await(declined);
      closing.join();

      store = open(journal.reopened());
      assertThat(store.sweeps().depths().pending()).as(id).isEqualTo(1);
      await(report(id, Conclusion.COMPLETE));
    }
  }

  @Test
  void atTheEnd_aFactIsTriedOn_untilItsTimeIsUp() throws Exception {
    add(Activations.pending("a"));
    Delivered task = await(store.dispatch().claim(ClaimFilter.ANY)).orElseThrow();
    journal.full(true);
    journal.gate.shut();
    store.dispatch().release(List.of(task.claim()));
    Thread closing = closeDuringAnAttempt();
    journal.roomAfter(2);
    journal.gate.open();
    closing.join();

    store = open(journal.reopened());
    assertThat(store.sweeps().depths().pending()).isEqualTo(1);
  }

  @Test
  void atTheEnd_aFactThatCannotBeWritten_holdsTheStopUpForTwoSecondsOnly() throws Exception {
    add(Activations.pending("a"));
    Claim claim = claimForPush();
    journal.full(true);
    journal.gate.shut();
    CompletionStage<Boolean> accepted = store.pushes().accepted(claim);
    Thread closing = closeDuringAnAttempt();
    int before = journal.attempts();

    journal.gate.open();
    closing.join();

    long pauses = Duration.ofSeconds(2).dividedBy(OwnedStore.PAUSE);
    assertThat(journal.attempts() - before).isBetween(2, (int) pauses + 2);
    assertThatThrownBy(() -> await(accepted)).isInstanceOf(StoreException.Closed.class);
  }

  /** Begins to close the store while the writer stands in an attempt to write, at the gate. */
  private Thread closeDuringAnAttempt() throws Exception {
    journal.gate.awaitArrival();
    Thread closing = Thread.startVirtualThread(store::close);
    while (!isClosed()) {
      Thread.onSpinWait();
    }
    return closing;
  }

  /** Whether the store takes no more requests; with the writer at the gate it answers none. */
  private boolean isClosed() {
    CompletableFuture<?> asked = report("nobody", Conclusion.COMPLETE);
    return asked.isCompletedExceptionally()
        && asked.exceptionNow() instanceof StoreException.Closed;
  }

  private void addCovered(String id, int payload) {
    add(Activations.pending(id).atMostOnce().offset(5).payload(new byte[payload]));
    store.intake().acknowledged(Map.of(ORIGIN, 10L));
    while (settled().uncommitted() > 0) {
      Thread.onSpinWait();
    }
  }
}
