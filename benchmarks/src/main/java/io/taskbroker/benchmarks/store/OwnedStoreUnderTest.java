package io.taskbroker.benchmarks.store;

import io.taskbroker.adapters.sqlite.SqliteJournal;
import io.taskbroker.adapters.sqlite.SqliteSettings;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/**
 * Our store, on the journal that the broker uses.
 *
 * <p>Every row's offset counts as acknowledged by Kafka already, as is usual once a backlog has
 * built up: a completed row is deleted in the transaction that completes it.
 */
final class OwnedStoreUnderTest implements StoreUnderTest {
  private static final ClaimFilter ANY = new ClaimFilter(null, null);

  /** No call is withdrawn, though the machine stands still for a while. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  private static final AssignmentEpoch FOR_EVER = new AssignmentEpoch();

  private final OwnedStore store;

  private OwnedStoreUnderTest(OwnedStore store) {
    this.store = store;
  }

  static OwnedStoreUnderTest open(Path file) {
    OwnedStore store =
        OwnedStore.open(
            SqliteJournal.open(
                new SqliteSettings(file, SqliteSettings.DEFAULT_RECLAIM_PAGES),
                OwnedStoreUnderTest::now),
            new StoreSettings(
                new EngineSettings(Duration.ofSeconds(3), 5, Keeping.DEFAULT),
                false,
                StoreSettings.MAX_WAITING,
                LONGEST_WAIT,
                StoreSettings.MAX_WAITERS),
            OwnedStoreUnderTest::now,
            SystemThreads.INSTANCE,
            OwnedStoreUnderTest::failed);
    store.intake().acknowledged(Map.of(SampleActivations.ORIGIN, Long.MAX_VALUE));
    return new OwnedStoreUnderTest(store);
  }

  private static Moment now() {
    return new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
  }

  private static void failed(Throwable failure) {
    throw new IllegalStateException("the store under test has ended", failure);
  }

  @Override
  public void add(List<NewActivation> batch) {
    store.intake().add(batch, FOR_EVER);
  }

  @Override
  public CompletionStage<Held> claim() {
    return store.dispatch().claim(ANY).thenApply(next -> new Handed(next.orElseThrow()));
  }

  @Override
  public CompletionStage<?> complete(String id) {
    return store.dispatch().conclude(completed(id), null);
  }

  private static Report completed(String id) {
    return new Report(id, Conclusion.COMPLETE, RetryOverride.NONE);
  }

  @Override
  public void remove(List<String> ids) {
    var reports = ids.stream().map(OwnedStoreUnderTest::completed).toList();
    store.dispatch().concludeAll(reports).toCompletableFuture().join();
  }

  @Override
  public String settings() {
    return "one writer thread, group commit; SQLite journal as the broker has it: WAL, intake"
        + " survives a power cut (synced), claims and reports a crash of the process";
  }

  @Override
  public void close() {
    store.close();
  }

  private final class Handed implements Held {
    private final Delivered delivered;

    Handed(Delivered delivered) {
      this.delivered = delivered;
    }

    @Override
    public String id() {
      return delivered.claim().activation().id();
    }

    @Override
    public byte[] payload() {
      return delivered.payload();
    }

    @Override
    public CompletionStage<?> release() {
      store.dispatch().release(List.of(delivered.claim()));
      return CompletableFuture.completedFuture(null); // what is asked next finds it done
    }
  }
}
