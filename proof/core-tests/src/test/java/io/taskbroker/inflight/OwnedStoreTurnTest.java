package io.taskbroker.inflight;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.Activations;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.journal.ForwardingJournal;
import io.taskbroker.testkit.journal.InMemoryFile;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whatever is asked of the store, one turn of its writer writes a bounded number of rows. */
class OwnedStoreTurnTest {
  private static final int ROWS = 20_000;

  /** What the store may write in one transaction, and a little that one step may overdraw. */
  private static final int MOST = 1_024 + 2;

  private static final ClaimFilter NOBODYS = new ClaimFilter("nobody's", null);

  private final SettableTime time = new SettableTime();
  private final CountingJournal journal = new CountingJournal();
  private final OwnedStore store =
      OwnedStore.open(
          journal,
          new StoreSettings(new EngineSettings(Duration.ofSeconds(3), 3), false),
          time,
          SystemThreads.INSTANCE,
          _ -> {});

  @AfterEach
  void close() {
    store.close();
  }

  private void fill(IntFunction<Activations> task) {
    List<NewActivation> batch =
        IntStream.range(0, ROWS).mapToObj(task).map(Activations::arriving).toList();
    store.intake().add(batch, new AssignmentEpoch());
    assertThat(journal.most).isLessThanOrEqualTo(MOST);
  }

  /**
   * Asks for something long, and for nothing before the writer has written the first of it: that
   * has to be answered before the long one ends.
   */
  private <T> CompletableFuture<T> letsOthersPass(Supplier<CompletionStage<T>> longOne) {
    journal.hold();
    CompletableFuture<T> asked;
    CompletableFuture<Boolean> whileBusy;
    try {
      asked = longOne.get().toCompletableFuture();
      whileBusy =
          store.dispatch().claim(NOBODYS).toCompletableFuture().thenApply(_ -> !asked.isDone());
    } finally {
      journal.letGo();
    }
    assertThat(whileBusy.join()).isTrue();
    asked.join();
    assertThat(journal.most).isLessThanOrEqualTo(MOST);
    return asked;
  }

  @Test
  void aBatchOfReports_letsOthersPass() {
    fill(i -> Activations.pending("a" + i).offset(i));
    List<Report> reports = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      reports.add(new Report("a" + i, Conclusion.COMPLETE, RetryOverride.NONE));
    }
    reports.add(new Report("unknown", Conclusion.COMPLETE, RetryOverride.NONE));

    List<Boolean> known = letsOthersPass(() -> store.dispatch().concludeAll(reports)).join();

    assertThat(known).hasSize(ROWS + 1).endsWith(false);
    assertThat(known.subList(0, ROWS)).containsOnly(true);
    assertThat(store.sweeps().depths().unfinished()).isZero();
  }

  @Test
  void aClaimBehindKilledTasks_letsOthersPass_andFindsWhatIsBehindThem() {
    fill(i -> Activations.pending("a" + i).offset(i).taskname("bad"));
    store
        .intake()
        .add(List.of(Activations.pending("good").offset(ROWS).arriving()), new AssignmentEpoch());
    store.rules().kill(Set.of("bad"));

    var claim = letsOthersPass(() -> store.dispatch().claim(ClaimFilter.ANY));

    assertThat(claim.join())
        .hasValueSatisfying(it -> assertThat(it.claim().activation().id()).isEqualTo("good"));
    assertThat(store.sweeps().totals().killed()).isEqualTo(ROWS);
  }

  @Test
  void aReportWithAFetchBehindKilledTasks_isRecordedOnce() {
    fill(i -> Activations.pending("a" + i).offset(i).taskname("bad"));
    store
        .intake()
        .add(
            List.of(Activations.pending("x").application("other").arriving()),
            new AssignmentEpoch());
    store.rules().kill(Set.of("bad"));

    Report report = new Report("x", Conclusion.COMPLETE, RetryOverride.NONE);
    var concluded = store.dispatch().conclude(report, ClaimFilter.ANY).toCompletableFuture().join();

    assertThat(concluded.known()).isTrue();
    assertThat(concluded.next()).isEmpty();
    assertThat(store.sweeps().depths().unfinished()).isZero();
  }

  @Test
  void sweepsAndRules_areCut() {
    fill(i -> Activations.pending("a" + i).offset(i).expiresAt(time.now().wallMs() + 1));
    time.advance(Duration.ofSeconds(1));
    assertThat(store.sweeps().sweep(Sweep.EXPIRY, 10_000)).isEqualTo(10_000);
    List<Long> keys = IntStream.rangeClosed(1, ROWS).mapToObj(Long::valueOf).toList();
    assertThat(store.rules().drop(keys)).isEqualTo(ROWS - 10_000);
    store.intake().acknowledged(Map.of(Activations.ORIGIN, (long) ROWS));
    while (store.sweeps().depths().finished() > 0) {
      int _ = store.sweeps().sweep(Sweep.COMMITTED, 10_000);
    }

    assertThat(journal.most).isLessThanOrEqualTo(MOST);
    assertThat(journal.groups.get()).isGreaterThan(3 * ROWS / MOST);
  }

  @Test
  void demotion_andWhatIsAcknowledgedOfIt_areCut() {
    fill(i -> Activations.pending("a" + i).offset(i).namespace("slow"));
    assertThat(store.rules().demote(Set.of("slow"), ROWS)).isEqualTo(ROWS);
    store.outbox().published(IntStream.rangeClosed(1, ROWS).mapToObj(Long::valueOf).toList());
    while (store.waiting() > 0) {
      Thread.onSpinWait();
    }

    assertThat(store.sweeps().depths().unfinished()).isZero();
    assertThat(journal.most).isLessThanOrEqualTo(MOST);
  }

  @Test
  void largePayloads_areReadAFewMegabytesAtATime() {
    byte[] payload = new byte[60_000];
    fill(i -> Activations.pending("a" + i).offset(i).payload(i < 300 ? payload : new byte[1]));
    journal.hold();
    List<CompletableFuture<Optional<Delivered>>> claims = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      claims.add(store.dispatch().claim(ClaimFilter.ANY).toCompletableFuture());
    }
    journal.letGo();

    for (var claim : claims) {
      assertThat(claim.join()).isPresent();
    }
    assertThat(journal.mostRead).isBetween(60_000L, (4L << 20) + 60_000);
  }

  /** Counts what is written and read in one go. */
  private static final class CountingJournal extends ForwardingJournal {
    private final ReentrantLock gate = new ReentrantLock();
    volatile int most;
    final AtomicInteger groups = new AtomicInteger();
    volatile long mostRead;

    CountingJournal() {
      super(new InMemoryFile().open());
    }

    /** The writer does not begin another group before {@link #letGo}. */
    void hold() {
      gate.lock();
    }

    void letGo() {
      gate.unlock();
    }

    @Override
    public void apply(JournalGroup group, Durability durability) {
      gate.lock();
      try {
        super.apply(group, durability);
      } finally {
        gate.unlock();
      }
      var changes = group.changes();
      int rows = changes.inserted().size() + changes.updated().size() + changes.deleted().size();
      most = Math.max(most, rows);
      groups.incrementAndGet();
    }

    @Override
    public Map<Long, byte[]> payloads(Collection<Long> keys) {
      Map<Long, byte[]> payloads = super.payloads(keys);
      mostRead = Math.max(mostRead, payloads.values().stream().mapToLong(one -> one.length).sum());
      return payloads;
    }
  }
}
