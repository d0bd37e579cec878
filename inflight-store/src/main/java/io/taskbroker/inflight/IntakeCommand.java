package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.intake.AssignmentEpoch;
import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.Arrival;
import io.taskbroker.inflight.engine.InflightEngine;
import io.taskbroker.inflight.engine.Share;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A batch on its way in, in slices that are short enough to let outcomes pass between them.
 *
 * <p>Touched by the writer's thread alone once it is queued, and answered by the syncer's.
 */
final class IntakeCommand implements StoreEvent.Queued {
  /** Payload bytes of one transaction: about what is written within 2 ms. */
  private static final long SLICE_BYTES = 1 << 20;

  /** Rows of one transaction, however small they are. */
  private static final int SLICE_ROWS = 1_024;

  private final List<NewActivation> batch;
  private final AssignmentEpoch epoch;
  private final CompletableFuture<Integer> result = new CompletableFuture<>();
  private final long queuedNanos;
  private boolean begun;
  private int from;
  private int to;
  private int added;
  private int addedBySlice;

  /** Rows of the next slice; fewer than all where one of them cannot be stored. */
  private int mostRows = Integer.MAX_VALUE;

  /** Where the slice ended that could not be stored as a whole. */
  private int troubleEnds;

  private final Map<Integer, String> refused = new TreeMap<>();

  /** Places of those that are stored already, as rows of other partitions. */
  private final Set<Integer> leftOut = new TreeSet<>();

  /** Per arrival of the slice, its place in the batch and the key that it was given. */
  private int[] places = {};

  private long[] keys = {};

  IntakeCommand(List<NewActivation> batch, AssignmentEpoch epoch, long queuedNanos) {
    this.batch = batch;
    this.epoch = epoch;
    this.queuedNanos = queuedNanos;
  }

  CompletableFuture<Integer> result() {
    return result;
  }

  @Override
  public StoreCall call() {
    return StoreCall.ADD;
  }

  @Override
  public long queuedNanos() {
    return queuedNanos;
  }

  boolean hasBegun() {
    return begun;
  }

  /**
   * A batch that has begun is finished even if its epoch ends meanwhile: the owner waits for it.
   */
  boolean isWithdrawn() {
    return !begun && epoch.hasEnded();
  }

  /** Gives the next slice to the engine; the payloads of its new rows, by key. */
  Map<Long, byte[]> decideSlice(InflightEngine engine, Moment now) {
    begun = true;
    List<Arrival> slice = new ArrayList<>();
    int[] taken = new int[Math.min(batch.size() - from, SLICE_ROWS)];
    long bytes = 0;
    for (to = from; to < batch.size() && to - from < mostRows; to++) {
      Activation activation = batch.get(to).activation();
      bytes += activation.payloadBytes();
      if ((bytes > SLICE_BYTES && to > from) || to - from == SLICE_ROWS) {
        break;
      }
      if (!leftOut.contains(to)) {
        taken[slice.size()] = to;
        slice.add(new Arrival(activation, batch.get(to).route()));
      }
    }
    places = taken;
    keys =
        epoch.isLost() ? engine.arrivals().addLost(slice, now) : engine.arrivals().add(slice, now);
    Map<Long, byte[]> payloads = LinkedHashMap.newLinkedHashMap(keys.length);
    addedBySlice = 0;
    for (int i = 0; i < keys.length; i++) {
      if (keys[i] != 0) {
        payloads.put(keys[i], batch.get(places[i]).payload());
        addedBySlice++;
      }
    }
    return payloads;
  }

  /**
   * These keys were given to rows whose ids are stored already; the slice is tried without them.
   */
  void leaveOut(Set<Long> duplicates) {
    for (int i = 0; i < keys.length; i++) {
      if (duplicates.contains(keys[i])) {
        leftOut.add(places[i]);
      }
    }
  }

  /**
   * A partition of which rows are left to store, and whose rows are not here; null if there is
   * none.
   */
  @Nullable Partition firstAbsent(Share share) {
    if (share.isWhole()) {
      return null;
    }
    for (int i = from; i < batch.size(); i++) {
      Partition partition = batch.get(i).activation().partition();
      if (!share.isHere(partition)) {
        return partition;
      }
    }
    return null;
  }

  /** The slice is written; whether the batch is complete now. */
  boolean sliceWritten() {
    added += addedBySlice;
    return goOn();
  }

  /**
   * The slice could not be stored, though others can: it is tried in halves, and a row that cannot
   * be stored alone is refused; whether the batch is complete now.
   */
  boolean sliceRefused(String reason) {
    troubleEnds = Math.max(troubleEnds, to);
    if (to - from > 1) {
      mostRows = (to - from) / 2;
      return false;
    }
    refused.put(from, reason);
    return goOn();
  }

  private boolean goOn() {
    from = to;
    if (from >= troubleEnds) {
      mostRows = Integer.MAX_VALUE;
    }
    return from == batch.size();
  }

  /** All of the batch survives a power cut. */
  void synced() {
    if (refused.isEmpty()) {
      result.complete(added);
    } else {
      result.completeExceptionally(new StoreException.RefusedRows(added, refused));
    }
  }

  void fail(StoreException failure) {
    result.completeExceptionally(failure);
  }
}
