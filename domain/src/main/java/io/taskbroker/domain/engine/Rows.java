package io.taskbroker.domain.engine;

import io.taskbroker.domain.Activation;
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
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.Row.Hold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows, and every order in which the engine looks at them.
 *
 * <p>A row's place in each index follows from its fields alone. So a change takes the row out of
 * all of them, is made, and puts it back; taking a group back is the same with the fields as they
 * were.
 */
final class Rows {
  /** A task's id is its producer's choice, so a bad record's must not stand in its way. */
  private final Map<String, Row> tasksById = new HashMap<>();

  private final Map<String, Row> badRecordsById = new HashMap<>();
  private final Map<Long, Row> byKey = new HashMap<>();
  private final Tally tally = new Tally();
  private final ChangeLog log = new ChangeLog();

  final ReadyIndex ready = new ReadyIndex();
  final Timers timers = new Timers();
  final Coverage coverage = new Coverage();
  final Outbox outbox = new Outbox();

  /** Handed out in vain too often; no longer handed out. */
  final TreeSet<Row> exhausted = new TreeSet<>(Row.BY_KEY);

  /** Failed, and to be forgotten. */
  final TreeSet<Row> discardable = new TreeSet<>(Row.BY_KEY);

  /** Never handed out in vain and not with a worker: what the lag is measured by. */
  final TreeSet<Row> unserved = new TreeSet<>(Row.by(row -> row.activation.receivedAtMs()));

  private final int maxAttempts;
  private long finished;
  private long nowMs = Long.MIN_VALUE;

  Rows(int maxAttempts) {
    this.maxAttempts = maxAttempts;
  }

  void at(long wallMs) {
    nowMs = wallMs;
  }

  /** The task of this id. */
  @Nullable Row find(String id) {
    return tasksById.get(id);
  }

  /** What is stored in the place of this task, or bad record, already. */
  @Nullable Row findLike(Activation arriving) {
    return byId(arriving).get(arriving.id());
  }

  private Map<String, Row> byId(Activation activation) {
    return activation.isBadRecord() ? badRecordsById : tasksById;
  }

  @Nullable Row find(long key) {
    return byKey.get(key);
  }

  Collection<Row> all() {
    return byKey.values();
  }

  Depths depths() {
    return tally.depths(timers.farDelays.size(), ready.memoryBytes());
  }

  /** How many rows have become {@code Completed}. */
  long finished() {
    return finished;
  }

  /** Puts in a row that the journal knows already. */
  void restore(Row row) {
    place(row);
  }

  void insert(Row row) {
    log.touch(row, false);
    place(row);
  }

  /** Changes a row; one that is over and cannot come again is gone afterwards. */
  void change(Row row, Consumer<Row> mutation) {
    log.touch(row, true);
    unindex(row);
    boolean unfinished = !(row.state instanceof Completed);
    mutation.accept(row);
    if (unfinished && row.state instanceof Completed) {
      finished++;
    }
    if (row.state instanceof Completed && coverage.covers(row)) {
      forget(row);
    } else {
      index(row);
    }
  }

  void acknowledge(Partition partition, long position) {
    if (position > coverage.acknowledged(partition)) {
      standAt(partition, position);
    }
  }

  void standAt(Partition partition, long position) {
    long before = coverage.acknowledged(partition);
    if (position != before) {
      log.position(partition, before, position);
      coverage.acknowledge(partition, position);
    }
  }

  Changes changes() {
    List<StoredActivation> inserted = new ArrayList<>();
    List<StoredActivation> updated = new ArrayList<>();
    List<Long> deleted = new ArrayList<>();
    for (Row row : log.touched()) {
      Row.Image before = row.before();
      boolean exists = byKey.get(row.key) == row;
      if (!before.existed()) {
        if (exists) {
          inserted.add(row.stored());
        }
      } else if (!exists) {
        deleted.add(row.key);
      } else if (row.differsOnDiskFrom(before)) {
        updated.add(row.stored());
      }
    }
    return new Changes(inserted, updated, deleted, Map.copyOf(log.positions()));
  }

  void settle() {
    log.clear();
  }

  void undo() {
    for (Row row : log.touched()) {
      if (byKey.get(row.key) == row) {
        unindex(row);
        forget(row);
      }
    }
    log.positionsBefore().forEach(coverage::acknowledge);
    for (Row row : log.touched()) {
      Row.Image before = row.before();
      if (row.state instanceof Completed && !(before.state() instanceof Completed)) {
        finished--;
      }
      row.restore(before);
      if (before.existed()) {
        place(row);
      }
    }
    log.clear();
  }

  private void place(Row row) {
    byId(row.activation).put(row.activation.id(), row);
    byKey.put(row.key, row);
    index(row);
  }

  private void forget(Row row) {
    byId(row.activation).remove(row.activation.id());
    byKey.remove(row.key);
  }

  private void index(Row row) {
    tally.add(row);
    switch (row.state) {
      case Delayed _ -> timers.addDelay(row, nowMs);
      case Pending _ -> addPending(row);
      case Claimed _ -> addClaimed(row);
      case Processing _ -> timers.deadlines.add(row);
      case Failed _ -> addFailed(row);
      case Completed _ -> coverage.add(row);
      case AwaitingRetry _ -> {}
    }
    if (isUnserved(row)) {
      unserved.add(row);
    }
    if (isHeld(row)) {
      coverage.add(row);
    }
    Lane lane = Outbox.laneOf(row);
    if (lane != null && !isHeld(row)) {
      outbox.add(lane, row);
    }
  }

  private void addPending(Row row) {
    if (row.activation.expiresAtMs() != null) {
      timers.expiry.add(row);
    }
    if (row.attempts >= maxAttempts) {
      exhausted.add(row);
    } else if (row.hold == Hold.NONE && !row.aside) {
      ready.add(row);
    }
  }

  /** A lease does not end while the publisher has the row: it may be in Kafka already. */
  private void addClaimed(Row row) {
    if (!row.outgoing && !isHeld(row)) {
      timers.leases.add(row);
    }
  }

  private void addFailed(Row row) {
    if (Outbox.laneOf(row) == null) {
      discardable.add(row);
    }
  }

  private void unindex(Row row) {
    tally.remove(row);
    switch (row.state) {
      case Delayed _ -> timers.removeDelay(row);
      case Pending _ -> {
        timers.expiry.remove(row);
        exhausted.remove(row);
        if (row.hold == Hold.NONE && !row.aside && row.attempts < maxAttempts) {
          ready.remove(row);
        }
      }
      case Claimed _ -> timers.leases.remove(row);
      case Processing _ -> timers.deadlines.remove(row);
      case Failed _ -> discardable.remove(row);
      case Completed _ -> coverage.remove(row);
      case AwaitingRetry _ -> {}
    }
    if (isUnserved(row)) {
      unserved.remove(row);
    }
    if (isHeld(row)) {
      coverage.remove(row);
    }
    Lane lane = Outbox.laneOf(row);
    if (lane != null) {
      outbox.remove(lane, row);
    }
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
