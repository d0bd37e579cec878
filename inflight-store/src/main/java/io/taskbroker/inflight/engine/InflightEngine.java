package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Totals;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.Outliers;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.WorkerSight;
import io.taskbroker.domain.rules.Found;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All unfinished activations, in memory, and every decision about them: {@link #arrivals}, {@link
 * #claims}, {@link #sweeps}, {@link #outbox} and {@link #positions} each decide one kind of thing,
 * over the same rows.
 *
 * <p>Commands to any of them are gathered into groups: after any number of them {@link #changes()}
 * says what a journal has to write, and then {@link #settle()} keeps it or {@link #undo()} takes
 * all of it back. Each command costs what it touches, never what is stored.
 *
 * <p>Not safe for several threads. Time is handed in and never goes back on the monotonic clock.
 */
public final class InflightEngine {
  /** Rows that are looked at to find a few sound ones. */
  private static final int MOST_LOOKED_AT = 1_000;

  private final EngineSettings settings;
  private final Rows rows;
  private final Arrivals arrivals;
  private final Claims claims;
  private final Sweeps sweeps;
  private final Outbox outbox;
  private final Positions positions;
  private final Steering steering;
  private final Attempts attempts;
  private final Share share;

  /** Has all rows, always, and counts their keys by itself. */
  public InflightEngine(EngineSettings settings) {
    this(settings, new Standings(true), null);
  }

  /**
   * An engine that has some partitions' rows, which come and go: {@link #share} says which.
   *
   * @param keys of new rows, each above those before it; what it throws, the command throws
   */
  public static InflightEngine sharing(EngineSettings settings, LongSupplier keys) {
    return new InflightEngine(settings, new Standings(false), keys);
  }

  private InflightEngine(
      EngineSettings settings, Standings standings, @Nullable LongSupplier keys) {
    this.settings = settings;
    this.rows = new Rows(settings, standings);
    this.arrivals = new Arrivals(rows, keys);
    this.claims = new Claims(rows, arrivals, settings);
    this.sweeps = new Sweeps(rows, settings);
    this.outbox = new Outbox(rows);
    this.positions = new Positions(rows);
    this.steering = new Steering(rows);
    this.attempts = new Attempts(rows, claims, settings);
    this.share = new Share(rows, claims, outbox);
  }

  // ---------------------------------------------------------------- restoring

  /** Tells the engine the time at which the store begins. To be called first. */
  public void begin(Moment now) {
    rows.indexes.at(now);
    rows.rounds.begin(now.wallMs());
  }

  /**
   * Whether hand-outs will soon have to be numbered by more than is reserved, for which the journal
   * has to be synced.
   */
  public boolean isShortOfRounds() {
    return rows.rounds.areFew();
  }

  /** Reserves numbers for many hand-outs, as a part of the group. */
  public void reserveRounds() {
    rows.rounds.reserve();
  }

  /** Tells the engine the time of the commands that follow. */
  public void at(Moment now) {
    rows.indexes.at(now);
  }

  /** Restores the positions that were acknowledged before. To be called before any row is. */
  public void restorePositions(Map<Partition, Long> acknowledged) {
    acknowledged.forEach(rows.indexes.coverage::acknowledge);
    acknowledged.forEach(rows.indexes.coverage::written);
  }

  /** Takes in the standing orders that a journal kept; what is not known here stays there. */
  public void restoreOrders(Map<String, String> orders) {
    orders.forEach(rows.rounds::restore);
    orders.forEach(rows.drain::restore);
    rows.indexes.keptOrders.restore(orders);
    rows.indexes.pauses.restore(
        orders.entrySet().stream()
            .map(order -> PauseText.read(order.getKey(), order.getValue()))
            .flatMap(Stream::ofNullable)
            .toList());
  }

  /**
   * Takes in a row that a journal kept. No change is recorded.
   *
   * <p>What is left of a deadline or lease is counted from {@code now}. An at-most-once row whose
   * offset was not acknowledged waits until its record comes again, or where brokers share rows
   * until its offset is acknowledged. Of two rows of one id, which no store of ours writes, the one
   * that is over is kept, or else the older.
   *
   * @return the key of the row that is not kept and has to be deleted; 0 if there is none
   */
  public long restore(StoredActivation stored, Moment now) {
    rows.indexes.at(now);
    Row row = new Row(stored.recalled(now, settings));
    if (row.activation.isAtMostOnce() && !rows.indexes.coverage.covers(row)) {
      row.hold = rows.standings.hold(Hold.UNTIL_REDELIVERED);
    }
    outbox.comes(row);
    if (!rows.standings.isWhole()) {
      row.parked = null; // this process has not tried it
    }
    row.kept = rows.indexes.kept.keeps() && row.isDiscardable();
    row.sent = true; // whether an earlier process had begun to send it is not known
    arrivals.startAbove(row.key);
    rows.rounds.used(stored.round());
    return rows.restore(row);
  }

  // ---------------------------------------------------------------- commands

  public Arrivals arrivals() {
    return arrivals;
  }

  public Claims claims() {
    return claims;
  }

  public Sweeps sweeps() {
    return sweeps;
  }

  public Outbox outbox() {
    return outbox;
  }

  public Positions positions() {
    return positions;
  }

  public Steering steering() {
    return steering;
  }

  public Share share() {
    return share;
  }

  public KeptOrders keptOrders() {
    return rows.indexes.keptOrders;
  }

  public SharedOrders sharedOrders() {
    return rows.sharedOrders;
  }

  public Attempts attempts() {
    return attempts;
  }

  /** A place to wait in for what becomes ready. The last one that was made is told of it. */
  public <W> Waiters<W> waiters() {
    return new Waiters<>(rows.indexes.ready);
  }

  /** Whether a delay is over at this time, Unix ms. */
  public boolean isDelayOver(long nowMs) {
    return rows.indexes.timers.dueDelay(nowMs) != null;
  }

  /** When the next delay will be over, Unix ms; null if nothing is delayed. */
  public @Nullable Long nextDelayEndMs() {
    return rows.indexes.timers.nextDelayEndMs();
  }

  /**
   * Removes this row, in whatever state.
   *
   * @return whether it was there, and not over
   */
  public boolean drop(long key) {
    Row row = rows.find(key);
    return row != null && rows.move(row, Lifecycle.drop(row.state), Ending.DROPPED);
  }

  /**
   * Does nothing with this row any more, since it cannot be read or written. No journal keeps that,
   * so the next process tries again.
   *
   * @return false if there is no such row, or nothing is done with it already
   */
  public boolean putAside(long key, String reason) {
    Row row = rows.find(key);
    if (row == null) {
      return false;
    }
    rows.change(row, useless -> useless.putAside = reason);
    return true;
  }

  /** Does with these rows again what their states ask for; those that are gone are left out. */
  public void takeUp(Collection<Long> keys) {
    for (long key : keys) {
      Row row = rows.findPutAside(key);
      if (row != null) {
        rows.change(row, useful -> useful.putAside = null);
      }
    }
  }

  // ---------------------------------------------------------------- questions

  /** How many rows are put aside; they count nowhere else. */
  public int countPutAside() {
    return rows.indexes.putAside.size();
  }

  /** How large the payload of this row is; 0 if there is no such row, or it is put aside. */
  public int payloadBytes(long key) {
    Row row = rows.find(key);
    return row == null ? 0 : row.activation.payloadBytes();
  }

  /** Looks at one row, which counts like a change of it. */
  public void look() {
    rows.look();
  }

  /** Whether the task of this id is put aside. */
  public boolean isPutAside(String id) {
    return rows.isPutAside(id);
  }

  /** Whether the row of this key is put aside. */
  public boolean isPutAside(long key) {
    return rows.isPutAside(key);
  }

  /** Some rows with a payload, far from this one where there are any; at most so many. */
  public List<Long> othersThan(long key, int most) {
    List<Long> far =
        LongStream.of(1 << 20, 1 << 16, 1 << 12, 1 << 9, 1 << 6, 8, 3, 2, 1)
            .flatMap(distance -> LongStream.of(key + distance, key - distance))
            .filter(other -> hasPayload(rows.find(other)))
            .limit(most)
            .boxed()
            .toList();
    return far.isEmpty() ? anyOthersThan(key, most) : far;
  }

  /** Of the oldest, as a look at all of them would take long. */
  private List<Long> anyOthersThan(long key, int most) {
    List<Long> others = new ArrayList<>();
    Row row = rows.after(0);
    for (int looked = 0; row != null && looked < MOST_LOOKED_AT; looked++) {
      if (others.size() < most && row.key != key && row.putAside == null && hasPayload(row)) {
        others.add(row.key);
      }
      row = rows.after(row.key);
    }
    return others;
  }

  private static boolean hasPayload(@Nullable Row row) {
    return row != null && !(row.state instanceof Completed);
  }

  /**
   * How many activations could be handed out now, for at most {@code limit} applications in the
   * order of their names.
   *
   * @param after the last name of the piece before; null for the first piece
   */
  public SortedMap<String, Integer> readyByApplication(@Nullable String after, int limit) {
    return rows.indexes.ready.sizes(after, limit);
  }

  /**
   * What waits for at most {@code limit} applications, in the order of their names.
   *
   * @param after the last name of the piece before; null for the first piece
   */
  public List<ApplicationDepth> depthByApplication(@Nullable String after, int limit, Moment now) {
    return rows.indexes.demand.depths(after, limit, now);
  }

  public Depths depths() {
    return rows.indexes.depths();
  }

  /**
   * When the oldest activation that no worker has had yet was due, Unix ms; empty if none waits.
   */
  public OptionalLong oldestDueMs() {
    return rows.indexes.unserved.oldestMs();
  }

  /** What stands out of all that is stored. */
  public Outliers outliers() {
    return rows.indexes.outliers(rows.silences.all());
  }

  /** The tasks that have ended last; for all threads. */
  public Endings endings() {
    return rows.endings;
  }

  /** The tasks that have ended in settled groups since the last call; the list is the caller's. */
  public List<EndedTask> takeEnded() {
    return rows.takeEnded();
  }

  public Totals totals() {
    return rows.totals();
  }

  /** The task of this id as it stands, or null. */
  public @Nullable StoredActivation find(String id) {
    Row row = rows.find(id);
    return row == null ? null : row.stored();
  }

  /** The task of this id as operators see it, or null. */
  public @Nullable StoredTask task(String id) {
    Row row = rows.find(id);
    return row == null ? null : row.task();
  }

  /**
   * The workers that have asked for tasks or have some, at most {@code limit} in the order of their
   * names.
   *
   * @param after the last name of the piece before; null for the first piece
   */
  public List<WorkerSight> workers(@Nullable String after, int limit, Moment now) {
    return rows.indexes.workers.sights(after, limit, now);
  }

  /**
   * Unfinished activations of these tasks among the rows that arrived after {@code after}, as far
   * as the turn's budget goes.
   *
   * @param after key of the last row that was looked at before; 0 to begin
   */
  public Found search(Set<String> tasknames, long after) {
    Map<Long, String> found = new LinkedHashMap<>();
    long last = after;
    Row row = rows.after(last);
    for (; row != null && !rows.budget().isSpent(); row = rows.after(last)) {
      rows.look();
      last = row.key;
      String taskname = row.activation.taskname();
      if (tasknames.contains(taskname)
          && row.putAside == null
          && !row.isEnded()
          && !row.activation.isBadRecord()) {
        found.put(row.key, taskname);
      }
    }
    return new Found(found, last, row == null);
  }

  /**
   * How many tasks of each kind there are, for at most {@code limit} kinds in the order of their
   * names.
   *
   * @param after the last kind of the piece before; null for the first piece
   */
  public List<TaskCount> counts(@Nullable TaskNames after, int limit, Moment now) {
    return rows.indexes.census.counts(after, limit, now);
  }

  /** Delayed tasks, those first that are due first; of one millisecond any. */
  public List<StoredActivation> upcoming(int limit) {
    return rows.indexes.timers.upcoming(limit).stream().map(Row::stored).toList();
  }

  // ---------------------------------------------------------------- groups

  /**
   * Grants what the commands from here on may cost. Those that can be cut stop when it is spent;
   * the others ask {@link #budget()} before they go on.
   */
  public void grant(Budget budget) {
    rows.budget(budget);
  }

  /** What is left of it. */
  public Budget budget() {
    return rows.budget();
  }

  /** What the commands since the last {@link #settle()} or {@link #undo()} have changed. */
  public Changes changes() {
    return rows.changes();
  }

  /**
   * What {@link #changes()} has said is written: what comes next is a new group. Positions that
   * nobody has asked for since are among the next changes.
   */
  public void settle() {
    rows.settle();
  }

  /**
   * The changes are written but for those of these rows and partitions, which are as they were
   * before the group. What such a partition's position should be by then is among the next changes.
   */
  public void settleWithout(Collection<Long> keys, Collection<Partition> partitions) {
    rows.settleWithout(keys, partitions);
  }

  /** The standing orders of the group were not written, and are as they were before it. */
  public void undoOrders() {
    rows.undoOrders();
  }

  /** The changes were not written: the engine is as it was before the group. */
  public void undo() {
    rows.undo();
  }
}
