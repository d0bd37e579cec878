package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.List;
import java.util.TreeSet;

/**
 * Every order in which the engine looks at its rows.
 *
 * <p>A row's place in each of them follows from its fields alone, so a row is taken out before it
 * is changed, and put in again afterwards.
 */
final class Indexes {
  final ReadyIndex ready = new ReadyIndex();
  final Timers timers = new Timers();
  final Coverage coverage = new Coverage();
  final OutboxIndex outbox = new OutboxIndex();
  final Demand demand = new Demand();
  final Census census = new Census();
  final Pauses pauses = new Pauses();
  final KeptOrders keptOrders = new KeptOrders();
  final WorkerTable workers = new WorkerTable();

  /** Handed out in vain too often; no longer handed out. */
  final TreeSet<Row> exhausted = new TreeSet<>(Row.BY_KEY);

  /** Failed, and to be forgotten. */
  final TreeSet<Row> discardable = new TreeSet<>(Row.BY_KEY);

  /** When those were due that were never handed out in vain and are with no worker: the lag. */
  final DueTimes unserved = DueTimes.exact();

  /** Cannot be read or written, and is in no other order, but for what a loss is told to. */
  final TreeSet<Row> putAside = new TreeSet<>(Row.BY_KEY);

  /** Failed, counted as over, and kept for operators. */
  final KeptFailures kept;

  /** Handed out again and again, and never reported on. */
  final TreeSet<Row> repeated = new TreeSet<>(Row.BY_KEY);

  /** Those with large payloads, the largest last. */
  final TreeSet<Row> large = new TreeSet<>(Row.by(row -> row.activation.payloadBytes()));

  private final int maxAttempts;
  private final Tally tally = new Tally();
  private long nowMs = Long.MIN_VALUE;

  Indexes(EngineSettings settings) {
    this.maxAttempts = settings.maxAttempts();
    this.kept = new KeptFailures(settings.keeping());
  }

  /** The time that was set last, Unix milliseconds. */
  long nowMs() {
    return nowMs;
  }

  /** Sets the current time, which tells near delays from far ones. */
  void at(Moment now) {
    nowMs = now.wallMs();
    demand.at(now);
  }

  Depths depths() {
    return tally.depths(
        timers.farDelays.size(),
        demand,
        ready.memoryBytes()
            + demand.memoryBytes()
            + census.memoryBytes()
            + workers.memoryBytes()
            + unserved.memoryBytes());
  }

  void add(Row row) {
    if (row.putAside != null) {
      putAside.add(row);
      tally.addMemory(row);
      if (isHeld(row)) {
        coverage.hold(row);
      }
      return;
    }
    tally.add(row);
    workers.add(row);
    switch (row.state) {
      case Delayed(long untilMs) -> addDelayed(row, untilMs);
      case Pending _ -> addPending(row);
      case Claimed(Moment end, _) -> addClaimed(row, end);
      case Processing(Moment deadline) -> timers.deadlines.add(row, deadline.monotonicMs());
      case Failed _ -> addFailed(row);
      case Completed _ -> coverage.add(row);
      case AwaitingRetry _ -> {}
    }
    if (isUnserved(row)) {
      unserved.add(row);
    }
    if (isRepeated(row)) {
      repeated.add(row);
    }
    if (isLarge(row)) {
      large.add(row);
    }
    if (isHeld(row)) {
      coverage.hold(row);
    }
    Lane lane = OutboxIndex.laneOf(row);
    if (lane != null && !isHeld(row)) {
      outbox.add(lane, row);
    }
  }

  private void addDelayed(Row row, long untilMs) {
    if (timers.addDelay(row, untilMs, nowMs)) {
      demand.addDelayed(row);
    }
  }

  private void addPending(Row row) {
    demand.addPending(row);
    if (row.kind != null) {
      census.addPending(row.kind, row);
    }
    if (row.activation.expiresAtMs() != null) {
      timers.expiry.add(row);
    }
    if (row.aside) {
      timers.foundExpired.add(row);
    }
    if (row.attempts >= maxAttempts) {
      exhausted.add(row);
    } else if (row.hold == Hold.NONE && !row.aside && !row.going && row.pausedBy == null) {
      ready.add(row);
    }
    if (row.pausedBy != null) {
      pauses.add(row.pausedBy, row);
    }
    if (row.restsUntilMs > 0) {
      timers.resting.add(row);
    }
  }

  /** A lease does not end while the publisher has the row: it may be in Kafka already. */
  private void addClaimed(Row row, Moment end) {
    if (!row.isOutgoing() && !row.underWay && !isHeld(row)) {
      timers.leases.add(row, end.monotonicMs());
    }
  }

  private void addFailed(Row row) {
    if (row.kept) {
      kept.add(row);
    } else if (OutboxIndex.laneOf(row) == null) {
      discardable.add(row);
    }
  }

  void remove(Row row) {
    if (row.putAside != null) {
      putAside.remove(row);
      tally.removeMemory(row);
      if (isHeld(row)) {
        coverage.release(row);
      }
      return;
    }
    tally.remove(row);
    workers.remove(row);
    switch (row.state) {
      case Delayed _ -> removeDelayed(row);
      case Pending _ -> removePending(row);
      case Claimed _ -> timers.leases.remove(row);
      case Processing _ -> timers.deadlines.remove(row);
      case Failed _ -> removeFailed(row);
      case Completed _ -> coverage.remove(row);
      case AwaitingRetry _ -> {}
    }
    if (isUnserved(row)) {
      unserved.remove(row);
    }
    if (isRepeated(row)) {
      repeated.remove(row);
    }
    if (isLarge(row)) {
      large.remove(row);
    }
    if (isHeld(row)) {
      coverage.release(row);
    }
    Lane lane = OutboxIndex.laneOf(row);
    if (lane != null) {
      outbox.remove(lane, row);
    }
  }

  private void removeFailed(Row row) {
    if (row.kept) {
      kept.remove(row);
    } else {
      discardable.remove(row);
    }
  }

  private void removeDelayed(Row row) {
    if (timers.removeDelay(row)) {
      demand.removeDelayed(row);
    }
  }

  private void removePending(Row row) {
    demand.removePending(row);
    if (row.kind != null) {
      census.removePending(row.kind, row);
    }
    timers.expiry.remove(row);
    if (row.aside) {
      timers.foundExpired.remove(row);
    }
    exhausted.remove(row);
    if (row.restsUntilMs > 0) {
      timers.resting.remove(row);
    }
    if (row.pausedBy != null) {
      pauses.remove(row.pausedBy, row);
    } else if (row.hold == Hold.NONE && !row.aside && !row.going && row.attempts < maxAttempts) {
      ready.remove(row);
    }
  }

  /** What stands out. */
  Outliers outliers(List<Outliers.Silence> silent) {
    Long nextDelayEndMs = timers.nextDelayEndMs();
    if (nextDelayEndMs == null && large.isEmpty() && silent.isEmpty() && repeated.isEmpty()) {
      return Outliers.NONE;
    }
    return new Outliers(
        nextDelayEndMs,
        large.isEmpty() ? null : large.last().activation,
        silent,
        repeated.stream()
            .limit(Outliers.MOST_REPEATED)
            .map(row -> new Outliers.Repeat(row.activation, row.attempts))
            .toList());
  }

  private static boolean isRepeated(Row row) {
    return row.attempts >= Outliers.REPEATED && !row.isOver();
  }

  private static boolean isLarge(Row row) {
    return row.activation.payloadBytes() >= Outliers.LARGE_BYTES
        && !(row.state instanceof Completed);
  }

  private static boolean isUnserved(Row row) {
    return row.attempts == 0 && (row.state instanceof Pending || row.state instanceof Claimed);
  }

  /**
   * At-most-once rows of which another broker might get the record too: they neither run nor leave.
   */
  private static boolean isHeld(Row row) {
    if (row.hold == Hold.NONE) {
      return false;
    }
    return switch (row.state) {
      case Pending _, Delayed _ -> true;
      case Claimed(_, ClaimPurpose purpose) -> purpose == ClaimPurpose.DEMOTION;
      case Processing _, AwaitingRetry _, Failed _, Completed _ -> false;
    };
  }
}
