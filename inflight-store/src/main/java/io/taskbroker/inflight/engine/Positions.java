package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Sweep;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
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
    positions.forEach(rows::standAt);
  }

  /**
   * The partitions were lost before their positions were committed: their at-most-once rows may run
   * only if their records come to this broker again.
   */
  public void lose(Collection<Partition> partitions) {
    Coverage coverage = rows.indexes.coverage;
    for (Partition partition : partitions) {
      List<Row> held = new ArrayList<>();
      for (Row row : coverage.waitingIn(partition)) {
        if (row.hold == Hold.UNTIL_COMMITTED && !coverage.covers(row)) {
          held.add(row);
        }
      }
      held.forEach(one -> rows.change(one, row -> row.hold = Hold.UNTIL_REDELIVERED));
    }
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
