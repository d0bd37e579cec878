package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What comes in. */
public final class Arrivals {
  private final Rows rows;
  private final @Nullable LongSupplier keys;
  private long nextKey = 1;

  /**
   * @param keys of new rows, each above those before it; null to count on from the highest one here
   */
  Arrivals(Rows rows, @Nullable LongSupplier keys) {
    this.rows = rows;
    this.keys = keys;
  }

  /** Rows that come in get keys above this one. */
  public void startAbove(long key) {
    nextKey = Math.max(nextKey, key + 1);
  }

  /**
   * Stores what is not stored yet.
   *
   * @return per arrival the key of its new row, or 0 if its id was there already
   */
  public long[] add(List<Arrival> batch, Moment now) {
    return add(batch, Hold.UNTIL_COMMITTED, now);
  }

  /**
   * As {@link #add}, of partitions that were lost meanwhile: their at-most-once rows may run only
   * if their records come to this broker again, even if the group has moved past them by now.
   */
  public long[] addLost(List<Arrival> batch, Moment now) {
    return add(batch, rows.standings.hold(Hold.UNTIL_REDELIVERED), now);
  }

  private long[] add(List<Arrival> batch, Hold hold, Moment now) {
    rows.indexes.at(now);
    long[] keys = new long[batch.size()];
    for (int i = 0; i < keys.length; i++) {
      keys[i] = add(batch.get(i), hold, now);
    }
    return keys;
  }

  /** Stores one that no record stands for. Its key, or 0 if its id was there already. */
  long add(Arrival arrival, Moment now) {
    return add(arrival, Hold.UNTIL_COMMITTED, now);
  }

  private long add(Arrival arrival, Hold hold, Moment now) {
    Activation activation = arrival.activation();
    Row known = rows.findLike(activation);
    if (known == null || makesRoom(known)) {
      return insert(activation, stateOf(arrival, now), hold);
    }
    if (hold == Hold.UNTIL_COMMITTED) {
      receivedAgain(known, activation);
    }
    return 0;
  }

  /** A failed one that is merely kept goes, unless its own record may come again. */
  private boolean makesRoom(Row known) {
    return known.kept
        && rows.indexes.coverage.covers(known)
        && rows.move(
            known,
            Lifecycle.discard(known.state, known.activation.onAttemptsExceeded()),
            Ending.DISCARDED);
  }

  private static ActivationState stateOf(Arrival arrival, Moment now) {
    if (arrival.activation().isBadRecord()) {
      return Failed.STATE;
    }
    return switch (arrival.route()) {
      case WORKERS -> Lifecycle.arrive(arrival.activation().delayUntilMs(), now.wallMs());
      case DEMOTION -> Lifecycle.demote(now.plus(EngineSettings.DEMOTION_LEASE));
    };
  }

  private long insert(Activation activation, ActivationState state, Hold hold) {
    Row row =
        new Row(new StoredActivation(nextKey(), activation, state, 0, RetryOverride.NONE, null));
    boolean committed = hold == Hold.UNTIL_COMMITTED && rows.indexes.coverage.covers(row);
    if (activation.isAtMostOnce() && !committed) {
      row.hold = hold;
    }
    rows.insert(row);
    return row.key;
  }

  private long nextKey() {
    return keys == null ? nextKey++ : keys.getAsLong();
  }

  private void receivedAgain(Row known, Activation activation) {
    boolean sameRecord =
        known.activation.offset() == activation.offset()
            && known.activation.partition().equals(activation.partition());
    if (sameRecord && known.hold == Hold.UNTIL_REDELIVERED) {
      rows.change(known, row -> row.hold = Hold.UNTIL_COMMITTED);
    }
  }
}
