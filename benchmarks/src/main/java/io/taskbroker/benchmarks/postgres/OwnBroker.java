package io.taskbroker.benchmarks.postgres;

import io.taskbroker.adapters.postgres.PostgresJournal;
import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.benchmarks.store.SampleActivations;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.inflight.engine.Keeping;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;

/**
 * Our store over the journal that brokers share, with the custody of one partition. Callers are
 * chains of calls, each begun in the completion of the one before, as in the gRPC service.
 *
 * <p>Every row's offset counts as acknowledged by Kafka already, as is usual once a backlog has
 * built up: a completed row is deleted in the transaction that completes it.
 */
final class OwnBroker implements Contender {
  private static final int PAYLOAD_BYTES = 1024;
  private static final ClaimFilter ANY = new ClaimFilter(null, null);
  private static final Duration CUSTODY = Duration.ofSeconds(30);

  /** No call is withdrawn, though the machine stands still for a while. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);

  /** A caller whose claim finds nothing looks at whether it is to go on so often. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private static final AssignmentEpoch FOR_EVER = new AssignmentEpoch();

  private final OwnedStore store;
  private final SampleActivations samples;

  private OwnBroker(OwnedStore store, SampleActivations samples) {
    this.store = store;
    this.samples = samples;
  }

  /**
   * @param settings of a migrated database
   * @param partition of which it has the custody; each broker of a database has one of its own
   */
  static OwnBroker open(PostgresSettings settings, int partition) {
    OwnedStore store =
        OwnedStore.open(
            PostgresJournal.open(settings, "bench-" + partition, SystemTime.INSTANCE),
            new StoreSettings(
                new EngineSettings(Duration.ofSeconds(3), 5, Keeping.DEFAULT),
                false,
                StoreSettings.MAX_WAITING,
                LONGEST_WAIT,
                StoreSettings.MAX_WAITERS),
            SystemTime.INSTANCE,
            SystemThreads.INSTANCE,
            OwnBroker::failed);
    var origin = new Partition("taskworker", partition);
    store.intake().assigned(Map.of(origin, 0L));
    Waiting.until("the partition is ours", CUSTODY, () -> store.holdings().awaited().isEmpty());
    store.intake().acknowledged(Map.of(origin, Long.MAX_VALUE));
    return new OwnBroker(store, new SampleActivations(PAYLOAD_BYTES, origin, partition));
  }

  private static void failed(Throwable failure) {
    throw new IllegalStateException("the store under test has ended", failure);
  }

  @Override
  public void add(int tasks) {
    store.intake().add(samples.next(tasks), FOR_EVER);
  }

  @Override
  public CompletionStage<?> work(int callers, Tally tally) {
    return CompletableFuture.allOf(
        IntStream.range(0, callers)
            .mapToObj(_ -> begin(tally))
            .toArray(CompletableFuture<?>[]::new));
  }

  private CompletableFuture<Void> begin(Tally tally) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    goOn(tally, end);
    return end;
  }

  private void goOn(Tally tally, CompletableFuture<Void> end) {
    if (!tally.goesOn()) {
      end.complete(null);
      return;
    }
    var _ =
        lifecycle(tally, System.nanoTime())
            .whenComplete(
                (_, failure) -> {
                  if (failure == null) {
                    goOn(tally, end);
                  } else {
                    end.completeExceptionally(failure);
                  }
                });
  }

  /**
   * Claims the oldest task and completes it; does nothing if there is none for a while.
   *
   * @param sinceNanos when the claim was due
   */
  CompletionStage<?> lifecycle(Tally tally, long sinceNanos) {
    return store
        .dispatch()
        .claim(ANY, new Patient(SystemTime.INSTANCE.now().plus(LOOK)))
        .thenCompose(claimed -> complete(claimed, tally, sinceNanos));
  }

  private CompletionStage<?> complete(Optional<Delivered> claimed, Tally tally, long sinceNanos) {
    if (claimed.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    tally.claimed(sinceNanos);
    String id = claimed.get().claim().activation().id();
    return store
        .dispatch()
        .conclude(new Report(id, Conclusion.COMPLETE, RetryOverride.NONE), null)
        .thenAccept(_ -> tally.completed());
  }

  /** Waits for a task. */
  private record Patient(Moment waitsUntil) implements Recipient {
    @Override
    public boolean accepts(Claim claim) {
      return true;
    }
  }

  @Override
  public void close() {
    store.close();
  }
}
