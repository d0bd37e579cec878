package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.Map;
import java.util.Set;

/**
 * How far the group has got in the partitions that records come from: what it has committed does
 * not come again. Rows that waited for it are settled by {@link Sweep#COMMITTED}.
 */
public final class Positions {
  private final Rows rows;

  Positions(Rows rows) {
    this.rows = rows;
  }

  /**
   * Kafka has acknowledged commits of the group, ours or another member's: records before these
   * positions do not come again.
   */
  public void acknowledge(Map<Partition, Long> positions) {
    positions.forEach(rows::acknowledge);
  }

  /**
   * The group stands exactly there in partitions that are read here from now on, be it behind what
   * was acknowledged: then their topic is another of the same name, or the group was set back.
   */
  public void assigned(Map<Partition, Long> positions) {
    for (Partition partition : positions.keySet()) {
      if (rows.standings.isWhole() && rows.indexes.coverage.isBeingLost(partition)) {
        tellRows(partition, Budget.unlimited()); // or records that come again would be told later
      }
    }
    positions.forEach(rows::standAt);
  }

  /**
   * The partition was lost before its positions were committed: its at-most-once rows may run only
   * if their records come to this broker again.
   *
   * <p>Where brokers share rows this says nothing: who reads the partition then has no row of it
   * before this engine has forgotten them.
   *
   * @return false if the turn's budget did not suffice; then it has to be said again, and goes on
   *     from there. Until it is over no row of the partition is settled
   */
  public boolean lose(Partition partition) {
    return !rows.standings.isWhole() || tellRows(partition, rows.budget());
  }

  private boolean tellRows(Partition lost, Budget budget) {
    Coverage coverage = rows.indexes.coverage;
    for (Row row = coverage.nextLost(lost); row != null; row = coverage.nextLost(lost)) {
      if (row.hold == Hold.UNTIL_COMMITTED) {
        rows.change(row, one -> one.hold = Hold.UNTIL_REDELIVERED);
      } else {
        rows.look();
      }
      if (budget.isSpent()) {
        return false;
      }
    }
    return true;
  }

  /** Only these topics are consumed here from now on; records of others do not come again. */
  public void onlyConsumed(Set<String> topics) {
    rows.indexes.coverage.onlyConsumed(topics);
  }

  /** Partitions whose committed position some row waits for. */
  public Set<Partition> awaited() {
    return rows.indexes.coverage.awaited();
  }
}
