package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.Standings.Standing;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions' rows are here. Mostly all are; where brokers share a journal, rows come and go
 * with their partitions, while the engine works.
 *
 * <p>What comes and goes is no change: the journal has it all the time, and nothing here is taken
 * back with a group. So whoever calls this does nothing else in the same group.
 */
public final class Share {
  private final Rows rows;
  private final Claims claims;
  private final Outbox outbox;
  private final Standings standings;

  /** Key of the last row that was looked at. */
  private long lookedAt;

  private int left;

  Share(Rows rows, Claims claims, Outbox outbox) {
    this.rows = rows;
    this.claims = claims;
    this.outbox = outbox;
    this.standings = rows.standings;
  }

  /** Whether everything is here, always. */
  public boolean isWhole() {
    return standings.isWhole();
  }

  /** Whether all rows of this partition are here, so that new ones may come in. */
  public boolean isHere(Partition partition) {
    return standings.isHere(partition);
  }

  /** Whether rows of this partition are being brought in, or are here. */
  public boolean isComingOrHere(Partition partition) {
    return standings.isComingOrHere(partition);
  }

  /** Partitions that are coming, here or going. */
  public Set<Partition> all() {
    return standings.all();
  }

  /**
   * The rows of a partition begin to come: they can be claimed, and no new ones come in.
   *
   * @param position acknowledged before, as the journal has it; null if it has none
   */
  public void begin(Partition partition, @Nullable Long position, Moment now) {
    standings.put(partition, Standing.COMING);
    rows.rounds.begin(now.wallMs()); // an earlier owner's tokens are good no more
    if (position != null) {
      rows.indexes.coverage.acknowledge(partition, position);
      rows.indexes.coverage.written(partition, position);
    }
  }

  /** All rows of a partition have come. */
  public void complete(Partition partition) {
    standings.put(partition, Standing.HERE);
    Long acknowledged = standings.remembered(partition);
    if (acknowledged != null) {
      rows.acknowledge(partition, acknowledged);
    }
  }

  /** The rows of a partition begin to go: no new ones come in, and nobody is given any. */
  public void leave(Partition partition) {
    standings.put(partition, Standing.GOING);
    beginPass();
  }

  private void beginPass() {
    lookedAt = 0;
    left = 0;
  }

  /**
   * Forgets rows of a partition that goes, as far as the turn's budget goes. Rows that are with a
   * publisher, or in a push that has begun, are left. Claims for pushes that have not begun are
   * released, and their rows are left, too.
   *
   * @return how many rows are left, or -1 if the budget did not suffice; the next call goes on
   *     then, or else begins with the first row
   */
  public int forget(Partition partition) {
    return pass(partition, true) ? endPass() : -1;
  }

  /**
   * As {@link #forget}, and leaves no row.
   *
   * @return false if the budget did not suffice; the next call goes on then
   */
  public boolean forgetAll(Partition partition) {
    return pass(partition, false) && endPass() == 0;
  }

  private int endPass() {
    int leftOfAll = left;
    beginPass();
    return leftOfAll;
  }

  private boolean pass(Partition partition, boolean leaves) {
    for (Row row = rows.after(lookedAt); row != null; row = rows.after(lookedAt)) {
      if (rows.budget().isSpent()) {
        return false;
      }
      rows.look();
      lookedAt = row.key;
      if (row.activation.partition().equals(partition)) {
        if (leaves && isOnItsWay(row)) {
          left++;
        } else {
          leave(row);
        }
      }
    }
    return true;
  }

  private void leave(Row row) {
    outbox.leaves(row);
    rows.leave(row);
  }

  private boolean isOnItsWay(Row row) {
    return row.putAside == null
        && (row.departing != null
            || (row.state instanceof Claimed && (row.sent || claims.release(row))));
  }

  /** The partition is somebody else's. None of its rows is here. */
  public void gone(Partition partition) {
    standings.remove(partition);
    rows.indexes.coverage.forget(partition);
  }

  /**
   * Forgets all rows at once, since the journal holds something else. What Kafka has acknowledged
   * is so all the same, and is remembered for when they are here again.
   */
  public void forgetEverything() {
    Map<Partition, Long> positions = new LinkedHashMap<>();
    for (Partition partition : standings.all()) {
      long acknowledged = rows.indexes.coverage.acknowledged(partition);
      if (acknowledged != Coverage.UNKNOWN) {
        positions.put(partition, acknowledged);
      }
      Long remembered = standings.remembered(partition);
      if (remembered != null) {
        positions.merge(partition, remembered, Math::max);
      }
    }
    for (Row row = rows.after(0); row != null; row = rows.after(row.key)) {
      leave(row);
    }
    standings.all().forEach(this::gone);
    positions.forEach(standings::remember);
    beginPass();
  }
}
