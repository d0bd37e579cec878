package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.JournalEvent;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.operator.EndedTask;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** What the store's writer counts. */
final class StoreCounts implements EventSink<StoreEvent> {
  private final Map<StoreCall, Histogram> waits = new EnumMap<>(StoreCall.class);
  private final Histogram turns;
  private final Histogram groups;
  private final Histogram commits;
  private final Histogram syncs;
  private final Histogram syncedBatches;
  private final Gauge putAside;
  private final TaskCounts tasks;

  StoreCounts(Meters meters, TaskCounts tasks) {
    this.tasks = tasks;
    Map<String, Histogram> byFunction = new HashMap<>();
    for (StoreCall call : StoreCall.values()) {
      String function = functionOf(call);
      if (function != null) {
        waits.put(call, byFunction.computeIfAbsent(function, name -> wait(meters, name)));
      }
    }
    turns = meters.histogram("store.turn.duration", Unit.SECONDS);
    groups = meters.histogram("store.group_size", Unit.COUNT);
    commits = meters.histogram("store.commit.duration", Unit.SECONDS);
    syncs = meters.histogram("store.sync.duration", Unit.SECONDS);
    syncedBatches = meters.histogram("store.sync.batches", Unit.COUNT);
    putAside = meters.gauge("store.put_aside");
    putAside.set(0);
  }

  private static Histogram wait(Meters meters, String function) {
    String mode = function.equals("set_status") ? "begin" : "conn";
    return meters.histogram(
        "sqlite.write.acquire_conn", Unit.SECONDS, "fn", function, "mode", mode);
  }

  /** What the reference calls it; null if it has no word, and does not measure it. */
  private static @Nullable String functionOf(StoreCall call) {
    return switch (call) {
      case ADD -> "store";
      case CLAIM, CLAIM_FOR_PUSH -> "claim_activations";
      case MARK_ACCEPTED -> "mark_activation_processing";
      case CONCLUDE -> "set_status";
      case CONCLUDE_ALL -> "set_status_batch";
      case SWEEP_LEASES -> "handle_claim_expiration";
      case SWEEP_ATTEMPTS -> "handle_processing_attempts";
      case SWEEP_EXPIRY -> "handle_expires_at";
      case SWEEP_DELAYS -> "handle_delay_until";
      case SWEEP_COMMITTED -> "remove_completed";
      case CONFIRM_PUBLISHED -> "mark_completed";
      case DROP -> "remove_killswitched";
      case RECLAIM -> "vacuum_db";
      case REWRITE -> "full_vacuum_db";
      case OTHER -> null;
    };
  }

  @Override
  public void count(StoreEvent event) {
    switch (event) {
      case StoreEvent.Begun(List<? extends StoreEvent.Queued> calls, long nowNanos) ->
          begun(calls, nowNanos);
      case StoreEvent.Turned(Duration took) -> turns.recordNanos(took.toNanos());
      case StoreEvent.Grouped(int calls) -> groups.record(calls);
      case StoreEvent.Committed(Duration took) -> commits.recordNanos(took.toNanos());
      case StoreEvent.Ended(List<EndedTask> ended) -> tasks.ended(ended);
      case StoreEvent.PutAside(int rows) -> putAside.set(rows);
      case StoreEvent.Synced(int batches, Duration took) -> {
        syncs.recordNanos(took.toNanos());
        syncedBatches.record(batches);
      }
    }
  }

  private void begun(List<? extends StoreEvent.Queued> calls, long nowNanos) {
    for (StoreEvent.Queued call : calls) {
      Histogram wait = waits.get(call.call());
      if (wait != null) {
        wait.recordNanos(nowNanos - call.queuedNanos());
      }
    }
  }

  /** What the journal counts of its upkeep. */
  static final class OfJournal implements EventSink<JournalEvent> {
    private final Gauge busy;
    private final Gauge logPages;
    private final Gauge copiedPages;
    private final Gauge failed;
    private final Histogram checkpoints;
    private final Histogram reclaims;
    private final Gauge freePages;
    private final Map<JournalEvent.Remedy, Counter> brokenOff =
        new EnumMap<>(JournalEvent.Remedy.class);
    private final Counter connectionsLost;
    private final Gauge partitions;
    private final Gauge serverAhead;
    private final Gauge deadRows;
    private final Gauge oldestTransaction;
    private final Counter reportsLeft;
    private final Counter reportsTaken;

    OfJournal(Meters meters) {
      busy = meters.gauge("store.passive_checkpoint_busy");
      logPages = meters.gauge("store.pages_written_to_wal");
      copiedPages = meters.gauge("store.pages_committed_to_db");
      failed = meters.gauge("store.checkpoint.failed");
      checkpoints = meters.histogram("store.checkpoint.duration", Unit.SECONDS);
      reclaims = meters.histogram("store.vacuum", Unit.SECONDS, "database", "meta");
      freePages = meters.gauge("store.vacuum.freelist", "database", "meta");
      for (JournalEvent.Remedy remedy : JournalEvent.Remedy.values()) {
        brokenOff.put(remedy, meters.counter(nameOf(remedy), "method", "store"));
      }
      connectionsLost = meters.counter("store.connections_lost");
      partitions = meters.gauge("store.partitions");
      serverAhead = meters.gauge("store.server_ahead.sec");
      deadRows = meters.gauge("store.dead_rows");
      oldestTransaction = meters.gauge("store.oldest_transaction.sec");
      reportsLeft = meters.counter("store.reports_left");
      reportsTaken = meters.counter("store.reports_taken");
    }

    private static String nameOf(JournalEvent.Remedy remedy) {
      return switch (remedy) {
        case REPEATED -> "store.retry.attempt";
        case WRITTEN -> "store.retry.succeeded";
        case GIVEN_UP -> "store.retry.exhausted";
      };
    }

    @Override
    public void count(JournalEvent event) {
      switch (event) {
        case JournalEvent.LogSeen(boolean isBusy, int pages, int copied) -> {
          busy.set(isBusy ? 1 : 0);
          logPages.set(pages);
          copiedPages.set(copied);
          failed.set(0);
        }
        case JournalEvent.Checkpointed(Duration took) -> checkpoints.recordNanos(took.toNanos());
        case JournalEvent.CheckpointFailed() -> failed.set(1);
        case JournalEvent.Reclaimed(int pagesLeft, Duration took) -> {
          reclaims.recordNanos(took.toNanos());
          freePages.set(pagesLeft);
        }
        case JournalEvent.BrokenOff(JournalEvent.Remedy remedy) ->
            Objects.requireNonNull(brokenOff.get(remedy)).add(1);
        case JournalEvent.ConnectionLost() -> connectionsLost.add(1);
        case JournalEvent.Beaten(int owned, Duration ahead) -> {
          partitions.set(owned);
          serverAhead.set(ahead.toMillis() / 1_000.0);
        }
        case JournalEvent.TablesSeen(long dead, Duration oldest) -> {
          deadRows.set((double) dead);
          oldestTransaction.set(oldest.toMillis() / 1_000.0);
        }
        case JournalEvent.ReportsLeft(int reports) -> reportsLeft.add(reports);
        case JournalEvent.ReportsTaken(int reports) -> reportsTaken.add(reports);
      }
    }
  }
}
