package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Totals;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
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
  private final EngineSettings settings;
  private final Rows rows;
  private final Arrivals arrivals;
  private final Claims claims;
  private final Sweeps sweeps;
  private final Outbox outbox;
  private final Positions positions;

  public InflightEngine(EngineSettings settings) {
    this.settings = settings;
    this.rows = new Rows(settings.maxAttempts());
    this.arrivals = new Arrivals(rows);
    this.claims = new Claims(rows, arrivals, settings);
    this.sweeps = new Sweeps(rows, settings);
    this.outbox = new Outbox(rows);
    this.positions = new Positions(rows);
  }

  // ---------------------------------------------------------------- restoring

  /** Takes in the positions that were acknowledged before this process began. Before any row. */
  public void restorePositions(Map<Partition, Long> acknowledged) {
    acknowledged.forEach(rows.indexes.coverage::acknowledge);
  }

  /**
   * Takes in a row that a journal kept. No change is recorded.
   *
   * <p>What is left of a deadline or lease is counted from {@code now}. An at-most-once row whose
   * offset was not acknowledged waits until its record comes again. Of two rows of one id, which no
   * store of ours writes, the one that is over is kept, or else the older.
   *
   * @return the key of the row that is not kept and has to be deleted; 0 if there is none
   */
  public long restore(StoredActivation stored, Moment now) {
    rows.indexes.at(now.wallMs());
    Row row = new Row(stored.recalled(now, settings));
    if (row.activation.isAtMostOnce() && !rows.indexes.coverage.covers(row)) {
      row.hold = Hold.UNTIL_REDELIVERED;
    }
    if (row.underWay) {
      outbox.interrupted(row);
    }
    row.sent = true; // whether an earlier process had begun to send it is not known
    arrivals.startAbove(row.key);
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

  /** Removes these, in whatever state; how many there were. */
  public int drop(Collection<Long> keys) {
    int dropped = 0;
    for (long key : keys) {
      Row row = rows.find(key);
      if (row != null && rows.move(row, Lifecycle.drop(row.state))) {
        dropped++;
      }
    }
    return dropped;
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

  // ---------------------------------------------------------------- questions

  /** How many rows are put aside; they count nowhere else. */
  public int countPutAside() {
    return rows.indexes.putAside.size();
  }

  /** Whether the task of this id is put aside. */
  public boolean isPutAside(String id) {
    return rows.isPutAside(id);
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

  private List<Long> anyOthersThan(long key, int most) {
    return rows.all().stream()
        .filter(row -> row.key != key && row.putAside == null && hasPayload(row))
        .limit(most)
        .map(row -> row.key)
        .toList();
  }

  private static boolean hasPayload(@Nullable Row row) {
    return row != null && !(row.state instanceof Completed);
  }

  /** How many activations could be handed out now, by application. */
  public Map<String, Integer> readyByApplication() {
    return rows.indexes.ready.sizes();
  }

  public Depths depths() {
    return rows.indexes.depths();
  }

  /**
   * When the oldest activation that no worker has had yet was due, Unix ms; empty if none waits.
   */
  public OptionalLong oldestDueMs() {
    return rows.indexes.unserved.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(rows.indexes.unserved.first().activation.dueAtMs());
  }

  public Totals totals() {
    return rows.totals();
  }

  /** The task of this id as it stands, or null. */
  public @Nullable StoredActivation find(String id) {
    Row row = rows.find(id);
    return row == null ? null : row.stored();
  }

  /** Keys of the unfinished activations of these tasks; costs a look at each row. */
  public List<Long> keysOf(Set<String> tasknames) {
    return rows.all().stream()
        .filter(row -> !(row.state instanceof Completed))
        .filter(row -> tasknames.contains(row.activation.taskname()))
        .filter(row -> !row.activation.isBadRecord())
        .map(row -> row.key)
        .toList();
  }

  /**
   * How many of these rows, from the first, have at most so many bytes of payload together; one
   * that has more alone is counted alone. Rows that are not there any more have none.
   */
  public int countWithin(List<Long> keys, long maxBytes) {
    long bytes = 0;
    int count = 0;
    for (long key : keys) {
      Row row = rows.find(key);
      bytes += row == null ? 0 : row.activation.payloadBytes();
      if (bytes > maxBytes && count > 0) {
        break;
      }
      count++;
    }
    return count;
  }

  // ---------------------------------------------------------------- groups

  /** What the commands since the last {@link #settle()} or {@link #undo()} have changed. */
  public Changes changes() {
    return rows.changes();
  }

  /** The changes are written: what comes next is a new group. */
  public void settle() {
    rows.settle();
  }

  /**
   * The changes are written but for those of these rows, which are as they were before the group.
   */
  public void settleWithout(Collection<Long> keys) {
    rows.settleWithout(keys);
  }

  /** The changes were not written: the engine is as it was before the group. */
  public void undo() {
    rows.undo();
  }
}
