package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.DamagedPartitions.Damage;
import io.taskbroker.adapters.kafka.PartitionLines.Cause;
import io.taskbroker.domain.Partition;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** Explains partitions that stand still at a damaged record. Used by one thread at a time. */
final class DamageLines {
  private final PartitionLines lines;
  private final Set<Partition> told = new HashSet<>();

  DamageLines(PartitionLines lines) {
    this.lines = lines;
  }

  /**
   * @param damages of the partitions that are read
   */
  void look(Map<Partition, Damage> damages) {
    for (Partition partition : Set.copyOf(told)) {
      if (!damages.containsKey(partition)) {
        told.remove(partition);
        lines.end(partition.number(), Cause.DAMAGE);
      }
    }
    damages.forEach(
        (partition, damage) -> {
          told.add(partition);
          int number = partition.number();
          lines.begin(number, Cause.DAMAGE, lines.damage(number, damage.offset(), damage.reason()));
        });
  }

  /** All is forgotten, without a line. */
  void forget() {
    told.clear();
  }
}
