package io.taskbroker.testkit.store;

import static io.taskbroker.testkit.Patience.until;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.inflight.Journal;
import io.taskbroker.inflight.OwnedStore;
import io.taskbroker.inflight.StoreSettings;
import io.taskbroker.testkit.Activations;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/** A store over a space that it shares, and short words for what tests do to it. */
final class SharingBroker implements AutoCloseable {
  private final OwnedStore store;
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();

  SharingBroker(Journal journal, TimeSource time) {
    this.store =
        OwnedStore.open(
            journal,
            new StoreSettings(StoreContract.SETTINGS, false),
            time,
            SystemThreads.INSTANCE,
            _ -> {},
            failure::complete,
            EventSink.none());
    store.sweeps().onlyConsumed(Set.of(Activations.ORIGIN.topic()));
  }

  OwnedStore store() {
    return store;
  }

  /** Why it has ended; waits for that. */
  Throwable failure() {
    return StoreContract.await(failure);
  }

  boolean hasFailed() {
    return failure.isDone();
  }

  /** Kafka gives it these partitions, in which the group has committed nothing; waits for rows. */
  SharingBroker reads(Partition... partitions) {
    wants(partitions);
    until(() -> store.holdings().awaited().isEmpty());
    return this;
  }

  /** As {@link #reads}, and waits for nothing. */
  void wants(Partition... partitions) {
    Map<Partition, Long> positions = new LinkedHashMap<>();
    for (Partition partition : partitions) {
      positions.put(partition, 0L);
    }
    store.intake().assigned(positions);
  }

  void standsAt(Partition partition, long position) {
    store.intake().assigned(Map.of(partition, position));
  }

  void readsNoMore(Partition... partitions) {
    store.holdings().revoked(List.of(partitions));
  }

  int add(Activations... batch) {
    return store
        .intake()
        .add(Stream.of(batch).map(Activations::arriving).toList(), new AssignmentEpoch());
  }

  Optional<Delivered> claim() {
    return StoreContract.await(store.dispatch().claim(ClaimFilter.ANY));
  }

  /** Claims something that has to be there, or to come. */
  Delivered claimOne() {
    CompletableFuture<Delivered> claimed = new CompletableFuture<>();
    until(
        () -> {
          claim().ifPresent(claimed::complete);
          return claimed.isDone();
        });
    return StoreContract.await(claimed);
  }

  boolean conclude(String id, Conclusion conclusion) {
    Report report = new Report(id, conclusion, RetryOverride.NONE);
    return StoreContract.await(store.dispatch().conclude(report, null)).known();
  }

  @Override
  public void close() {
    store.close();
  }
}
