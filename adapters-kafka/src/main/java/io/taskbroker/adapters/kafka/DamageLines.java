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
  private final String group;
  private final Set<Partition> told = new HashSet<>();

  /**
   * @param group of consumers
   */
  DamageLines(PartitionLines lines, String group) {
    this.lines = lines;
    this.group = group;
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
          lines.begin(partition.number(), Cause.DAMAGE, failure(partition, damage));
        });
  }

  /** All is forgotten, without a line. */
  void forget() {
    told.clear();
  }

  private KafkaFailure failure(Partition partition, Damage damage) {
    return new KafkaFailure(
        "Kafka has a damaged record at offset %d (%s)".formatted(damage.offset(), damage.reason()),
        "The other partitions are read, and this one is tried again every %d s. Repair Kafka's"
                .formatted(DamagedPartitions.REST.toSeconds())
            + " replica, or give the record up: stop all brokers of the group, and move it past the"
            + " record with kafka-consumer-groups.sh --group %s --topic %s:%d --reset-offsets"
                .formatted(group, partition.topic(), partition.number())
            + " --to-offset %d --execute".formatted(damage.offset() + 1));
  }
}
