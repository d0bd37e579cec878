package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Partition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How far Kafka has acknowledged the group's commits, and which rows wait for it: at-most-once ones
 * that may not run before, and finished ones whose record could come again until then.
 */
final class Coverage {
  static final long UNKNOWN = Long.MIN_VALUE;

  private final Map<Partition, Waiting> partitions = new HashMap<>();

  /** Partitions of these topics alone can send records again; null while nobody has said. */
  private @Nullable Set<String> consumedTopics;

  private static final class Waiting {
    long acknowledged = UNKNOWN;
    final TreeSet<Row> rows = new TreeSet<>(Row.by(row -> row.activation.offset()));
  }

  boolean covers(Row row) {
    Partition partition = row.activation.partition();
    if (isAbandoned(partition)) {
      return true;
    }
    Waiting waiting = partitions.get(partition);
    return waiting != null && row.activation.offset() < waiting.acknowledged;
  }

  void add(Row row) {
    at(row.activation.partition()).rows.add(row);
  }

  void remove(Row row) {
    at(row.activation.partition()).rows.remove(row);
  }

  long acknowledged(Partition partition) {
    Waiting waiting = partitions.get(partition);
    return waiting == null ? UNKNOWN : waiting.acknowledged;
  }

  void acknowledge(Partition partition, long position) {
    at(partition).acknowledged = position;
  }

  void onlyConsumed(Set<String> topics) {
    consumedTopics = Set.copyOf(topics);
  }

  /** Some row that waits no longer, or null. */
  @Nullable Row firstCovered() {
    for (Waiting waiting : partitions.values()) {
      if (!waiting.rows.isEmpty() && covers(waiting.rows.first())) {
        return waiting.rows.first();
      }
    }
    return null;
  }

  Iterable<Row> waitingIn(Partition partition) {
    Waiting waiting = partitions.get(partition);
    return waiting == null ? Set.of() : waiting.rows;
  }

  /** Partitions that rows still wait for. */
  Set<Partition> awaited() {
    Set<Partition> awaited = new HashSet<>();
    partitions.forEach(
        (partition, waiting) -> {
          if (!waiting.rows.isEmpty()) {
            awaited.add(partition);
          }
        });
    return awaited;
  }

  private boolean isAbandoned(Partition partition) {
    return partition.number() < 0
        || (consumedTopics != null && !consumedTopics.contains(partition.topic()));
  }

  private Waiting at(Partition partition) {
    return partitions.computeIfAbsent(partition, _ -> new Waiting());
  }
}
