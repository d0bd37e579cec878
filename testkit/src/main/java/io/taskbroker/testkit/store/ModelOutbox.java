package io.taskbroker.testkit.store;

import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Outgoing;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** What has to leave the {@link ModelStore} through Kafka. */
final class ModelOutbox {
  private final ModelRows rows;
  private final TimeSource time;

  ModelOutbox(ModelRows rows, TimeSource time) {
    this.rows = rows;
    this.time = time;
  }

  List<Taken> take(Lane lane, int maxRows, long maxBytes) {
    List<Taken> taken = new ArrayList<>();
    long bytes = 0;
    rows.where(row -> row.parked != null && row.parkedUntilMs <= time.now().monotonicMs())
        .forEach(row -> row.parked = null);
    for (ModelRow row : rows.where(row -> isWaitingIn(lane, row)).toList()) {
      bytes += row.activation.payloadBytes();
      if (taken.size() == maxRows || (bytes > maxBytes && !taken.isEmpty())) {
        break;
      }
      row.departing = lane;
      row.underWay = row.activation.isAtMostOnce() && lane != Lane.DEAD_LETTER;
      taken.add(
          new Taken(
              new Outgoing(
                  row.key, row.activation, row.retry, row.attempts, row.failure, row.refusals),
              row.payload));
    }
    return taken;
  }

  void published(Collection<Long> keys) {
    for (long key : keys) {
      ModelRow row = rows.find(key);
      if (row != null && !hasChangedItsLane(row)) {
        rows.move(row, Lifecycle.published(row.state));
      }
    }
  }

  void giveBack(Collection<Long> keys) {
    for (long key : keys) {
      ModelRow row = rows.find(key);
      if (row != null) {
        row.departing = null;
        row.underWay = false;
      }
    }
  }

  void uncertain(Collection<Long> keys, String reason) {
    for (long key : keys) {
      ModelRow row = rows.find(key);
      if (row != null && !hasChangedItsLane(row)) {
        rows.lose(row, reason, time.now());
      }
    }
  }

  void refused(long key, String reason) {
    ModelRow row = rows.find(key);
    if (row != null) {
      long restSec = Math.min(300, 5L << Math.min(row.refusals, 10));
      park(key, reason, time.now().plus(Duration.ofSeconds(restSec)).monotonicMs());
    }
  }

  void park(long key, String reason) {
    park(key, reason, Long.MAX_VALUE);
  }

  int unpark() {
    List<ModelRow> parked = rows.where(row -> row.parked != null).toList();
    parked.forEach(row -> row.parked = null);
    return parked.size();
  }

  /** A report has come while a publisher had the row, whose word says nothing about it any more. */
  private static boolean hasChangedItsLane(ModelRow row) {
    boolean hasChanged = row.departing != null && !row.isOutgoing();
    if (hasChanged) {
      row.departing = null;
    }
    return hasChanged;
  }

  private static boolean isWaitingIn(Lane lane, ModelRow row) {
    return ModelRows.laneOf(row) == lane
        && row.departing == null
        && row.parked == null
        && !row.isWaiting();
  }

  private void park(long key, String reason, long untilMs) {
    ModelRow row = rows.find(key);
    if (row != null && !hasChangedItsLane(row) && ModelRows.laneOf(row) != null) {
      row.departing = null;
      row.underWay = false;
      row.parked = reason;
      row.refusals++;
      row.parkedUntilMs = untilMs;
    }
  }
}
