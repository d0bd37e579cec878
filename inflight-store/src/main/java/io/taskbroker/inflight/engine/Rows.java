package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rows, and what the group in progress has done to them.
 *
 * <p>A change takes the row out of all {@link Indexes}, is made, and puts it back; taking a group
 * back is the same with the fields as they were.
 */
final class Rows {
  final Indexes indexes;
  final Rounds rounds = new Rounds();
  final Silences silences = new Silences();
  final DrainOrder drain = new DrainOrder();
  final SharedOrders sharedOrders;
  final Standings standings;

  /** A task's id is its producer's choice, so a bad record's must not stand in its way. */
  private final Map<String, Row> tasksById = new HashMap<>();

  private final Map<String, Row> badRecordsById = new HashMap<>();

  /** In the order of arrival, so that a search can be cut and goes on where it was. */
  private final RowsByKey byKey = new RowsByKey();

  private final ChangeLog log = new ChangeLog();
  private long finished;
  private long overtaken;
  private long uncertain;
  private long killed;
  private long delaysEnded;
  private Budget budget = Budget.unlimited();
  private Totals settled = Totals.ZERO;
  final Endings endings;

  /** Ended in groups that are settled, and not taken yet. */
  private List<EndedTask> lately = List.of();

  /**
   * @param standings which partitions' rows are here
   */
  Rows(EngineSettings settings, Standings standings) {
    this.standings = standings;
    this.indexes = new Indexes(settings);
    this.sharedOrders = new SharedOrders(indexes.pauses, indexes.keptOrders);
    this.endings = new Endings(settings.keeping());
  }

  /** The task of this id, unless it is put aside. */
  @Nullable Row find(String id) {
    return usable(tasksById.get(id));
  }

  private static @Nullable Row usable(@Nullable Row row) {
    return row == null || row.putAside != null ? null : row;
  }

  /** The row of this key, if it is put aside. */
  @Nullable Row findPutAside(long key) {
    Row row = byKey.get(key);
    return row == null || row.putAside == null ? null : row;
  }

  boolean isPutAside(String id) {
    Row row = tasksById.get(id);
    return row != null && row.putAside != null;
  }

  boolean isPutAside(long key) {
    Row row = byKey.get(key);
    return row != null && row.putAside != null;
  }

  /** What is stored in the place of this task, or bad record, already. */
  @Nullable Row findLike(Activation arriving) {
    return byId(arriving).get(arriving.id());
  }

  private Map<String, Row> byId(Activation activation) {
    return activation.isBadRecord() ? badRecordsById : tasksById;
  }

  @Nullable Row find(long key) {
    return usable(byKey.get(key));
  }

  /** The next row after this key in the order of arrival; null if there is none. */
  @Nullable Row after(long key) {
    return byKey.after(key);
  }

  Totals totals() {
    return new Totals(finished, overtaken, uncertain, killed, delaysEnded);
  }

  /** What may still be touched in this turn. */
  Budget budget() {
    return budget;
  }

  void budget(Budget granted) {
    budget = granted;
  }

  /** A worker has let the deadline of this row pass. Counts once the group is settled. */
  void missed(Row row) {
    log.sign(new ChangeLog.Sign(row, false));
  }

  /** A worker has reported on this row. Ends a silence once the group is settled. */
  void reported(Row row) {
    if (!silences.isEmpty() || !log.signs().isEmpty()) { // or it ends no silence
      log.sign(new ChangeLog.Sign(row, true));
    }
  }

  /** One more at-most-once row has failed because another broker may have run it. */
  void countOvertaken() {
    overtaken++;
  }

  /** One more at-most-once row has failed because Kafka may have its record. */
  void countUncertain() {
    uncertain++;
  }

  /** One more row was dropped by a kill switch when somebody wanted it. */
  void countKilled() {
    killed++;
  }

  /** Makes a row pending whose delay is over; false if there is none. */
  boolean endDelay(Moment now) {
    Row row = indexes.timers.dueDelay(now.wallMs());
    if (row == null || !move(row, Lifecycle.delayElapsed(row.state, now.wallMs()))) {
      return false;
    }
    delaysEnded++;
    return true;
  }

  /** Puts rows back of pauses that have ended; how many, of at most {@code limit}. */
  int free(int limit, Moment now) {
    indexes.at(now);
    indexes.pauses.liftOver(now.wallMs());
    int freed = 0;
    for (Row row = indexes.pauses.firstFreed();
        row != null && freed < limit && !budget.isSpent();
        row = indexes.pauses.firstFreed()) {
      change(row, paused -> paused.pausedBy = null);
      freed++;
    }
    return freed;
  }

  /** A row was looked at, which counts like a change of it. */
  void look() {
    budget.row();
  }

  // ---------------------------------------------------------------- changes

  /** Puts in a row that the journal knows already; the key of one that is needless then, or 0. */
  long restore(Row row) {
    Row known = findLike(row.activation);
    if (known == null) {
      place(row);
      return 0;
    }
    if (known.state instanceof Completed || !(row.state instanceof Completed)) {
      return row.key;
    }
    takeOut(List.of(known));
    place(row);
    return known.key;
  }

  void insert(Row row) {
    budget.row();
    log.touch(row, false);
    place(row);
  }

  /** Changes a row; one that is over and cannot come again is gone afterwards. */
  void change(Row row, Consumer<Row> mutation) {
    change(row, mutation, Ending.of(row.state));
  }

  /**
   * @param ending how its task has ended, if it has afterwards
   */
  private void change(Row row, Consumer<Row> mutation, Ending ending) {
    budget.row();
    log.touch(row, true);
    indexes.remove(row);
    boolean hadPayload = !(row.state instanceof Completed);
    boolean hadEnded = row.isEnded();
    Failure failure = row.failure;
    mutation.accept(row);
    if (!hadEnded && row.isEnded()) {
      finished++;
      if (!row.activation.isBadRecord()) {
        log.ended(ended(row, ending, failure));
      }
    }
    if (hadPayload && row.state instanceof Completed) {
      budget.payload(row.activation.payloadBytes());
    }
    if (row.state instanceof Completed && indexes.coverage.covers(row)) {
      forget(row);
    } else {
      indexes.add(row);
    }
  }

  private EndedTask ended(Row row, Ending ending, @Nullable Failure failure) {
    return new EndedTask(
        row.key,
        row.activation,
        ending,
        row.attempts,
        row.handedOutMs,
        indexes.nowMs(),
        failure,
        row.worker());
  }

  /** Changes what no index looks at. */
  void note(Row row, Consumer<Row> mutation) {
    budget.row();
    log.touch(row, true);
    mutation.accept(row);
  }

  /** Has the row follow the transition; false if the event has no meaning for it. */
  boolean move(Row row, Transition transition) {
    return switch (transition) {
      case Transition.Moved _ -> {
        change(row, moved -> moved.follow(transition));
        yield true;
      }
      case Transition.Ignored _ -> false;
    };
  }

  /** As {@link #move}; if that ends the row's task, it is in this way. */
  boolean move(Row row, Transition transition, Ending ending) {
    return switch (transition) {
      case Transition.Moved _ -> {
        change(row, moved -> moved.follow(transition), ending);
        yield true;
      }
      case Transition.Ignored _ -> false;
    };
  }

  /** Keeps a failed row whose task counts as over. */
  void keep(Row row) {
    change(row, failed -> failed.kept = true, Ending.DISCARDED);
  }

  /** As {@link #move}; if that makes the row fail, this is why. */
  boolean move(Row row, Transition transition, FailureCause cause, long nowMs) {
    boolean fails = transition instanceof Transition.Moved(Failed _);
    return fails
        ? move(
            row,
            transition,
            new Failure(cause, nowMs, FailedDeliveries.lastOf(row.failedDeliveries)))
        : move(row, transition);
  }

  /** As {@link #move}; if that makes the row fail, this is why. */
  boolean move(Row row, Transition transition, Failure failure) {
    return switch (transition) {
      case Transition.Moved _ -> {
        change(
            row,
            moved -> {
              moved.follow(transition);
              moved.failure = moved.state instanceof Failed ? failure : null;
            });
        yield true;
      }
      case Transition.Ignored _ -> false;
    };
  }

  /** Kafka has acknowledged this position; an earlier one than is known says nothing. */
  void acknowledge(Partition partition, long position) {
    if (!standings.has(partition)) {
      standings.remember(partition, position); // its rows may be on their way
    } else if (position > indexes.coverage.acknowledged(partition)) {
      standAt(partition, position);
    }
  }

  /** The group stands at this position, be it an earlier one than is known. */
  void standAt(Partition partition, long position) {
    if (!standings.has(partition)) {
      standings.forgetPosition(partition);
      return;
    }
    long before = indexes.coverage.acknowledged(partition);
    if (position != before) {
      log.position(partition, before);
      indexes.coverage.acknowledge(partition, position);
    }
  }

  private void place(Row row) {
    byId(row.activation).put(row.activation.id(), row);
    byKey.put(row);
    row.kind = row.activation.isBadRecord() ? null : indexes.census.enter(row.activation);
    row.present = true;
    indexes.demand.arrived(row.key);
    indexes.add(row);
  }

  /** The row is not this engine's any more; no journal is told. */
  void leave(Row row) {
    indexes.remove(row);
    forget(row);
  }

  private void forget(Row row) {
    byId(row.activation).remove(row.activation.id());
    byKey.remove(row.key);
    Census.Kind kind = row.kind;
    if (kind != null) {
      indexes.census.leave(kind);
      row.kind = null;
    }
    row.present = false;
  }

  // ---------------------------------------------------------------- groups

  Changes changes() {
    List<StoredActivation> inserted = new ArrayList<>();
    List<StoredActivation> updated = new ArrayList<>();
    List<Long> deleted = new ArrayList<>();
    for (Row row : log.touched()) {
      Row.Image before = row.before();
      boolean exists = row.present;
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
    log.writing(indexes.coverage.due());
    return new Changes(inserted, updated, deleted, Ordered.copyOf(log.positions()), orders());
  }

  private List<StandingOrder> orders() {
    StandingOrder reserved = rounds.change();
    List<StandingOrder> pauses = indexes.pauses.changes();
    List<StandingOrder> kept = indexes.keptOrders.changes();
    StandingOrder drained = drain.change();
    if (reserved == null && drained == null && kept.isEmpty()) {
      return pauses;
    }
    List<StandingOrder> orders = new ArrayList<>(pauses);
    orders.addAll(kept);
    if (reserved != null) {
      orders.add(reserved);
    }
    if (drained != null) {
      orders.add(drained);
    }
    return orders;
  }

  /** The standing orders of the group were not written, and are as they were before it. */
  void undoOrders() {
    indexes.pauses.undo();
    drain.undo();
    indexes.keptOrders.undo();
    rounds.undoOrder();
  }

  void settle() {
    settled = totals();
    log.positions().forEach(indexes.coverage::written);
    log.signs().forEach(this::take);
    List<EndedTask> ended = log.takeEnded();
    ended.forEach(endings::add);
    lately = lately.isEmpty() ? ended : joined(lately, ended);
    sharedOrders.settle();
    indexes.pauses.settle();
    drain.settle();
    indexes.keptOrders.settle();
    rounds.settle();
    log.clear();
  }

  private void take(ChangeLog.Sign sign) {
    Activation task = sign.row().activation;
    if (sign.reported()) {
      silences.heard(task.application());
    } else {
      silences.missed(task, indexes.nowMs());
    }
  }

  private static List<EndedTask> joined(List<EndedTask> first, List<EndedTask> second) {
    List<EndedTask> all = new ArrayList<>(first);
    all.addAll(second);
    return all;
  }

  /** What has ended in settled groups since the last call, in order; the list is the caller's. */
  List<EndedTask> takeEnded() {
    List<EndedTask> taken = lately;
    lately = List.of();
    return taken;
  }

  /**
   * These rows and positions were not written, and go back to what they were; the others are
   * settled.
   */
  void settleWithout(Collection<Long> keys, Collection<Partition> partitions) {
    Set<Long> unwrittenKeys = Ordered.copyOf(keys);
    List<Row> unwritten =
        log.touched().stream().filter(row -> unwrittenKeys.contains(row.key)).toList();
    for (Row row : unwritten) {
      if (row.isEnded() && !row.before().isEnded()) {
        finished--;
      }
    }
    log.ended().removeIf(task -> unwrittenKeys.contains(task.key()));
    log.signs().removeIf(sign -> unwrittenKeys.contains(sign.row().key));
    takeOut(unwritten);
    for (Partition partition : partitions) {
      log.positions().remove(partition);
      Long before = log.positionsBefore().get(partition);
      if (before != null) {
        indexes.coverage.acknowledge(partition, before);
      }
    }
    putBack(unwritten);
    settle();
  }

  void undo() {
    takeOut(log.touched());
    log.positionsBefore().forEach(indexes.coverage::acknowledge);
    indexes.coverage.restartLosses();
    indexes.pauses.undo();
    drain.undo();
    indexes.keptOrders.undo();
    rounds.undo();
    putBack(log.touched());
    finished = settled.finished();
    overtaken = settled.overtaken();
    uncertain = settled.uncertain();
    killed = settled.killed();
    delaysEnded = settled.delaysEnded();
    log.clear();
  }

  private void takeOut(List<Row> touched) {
    for (Row row : touched) {
      if (row.present) {
        indexes.remove(row);
        forget(row);
      }
    }
  }

  private void putBack(List<Row> touched) {
    for (Row row : touched) {
      Row.Image before = row.before();
      if (before.existed()) {
        row.restore(before);
        place(row);
      }
    }
  }
}
