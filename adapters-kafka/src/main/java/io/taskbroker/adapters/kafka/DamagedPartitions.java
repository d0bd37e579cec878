package io.taskbroker.adapters.kafka;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Partitions of which Kafka has sent a damaged record: they rest, so that the others are read, and
 * are tried again. Used by the consumer's thread.
 */
final class DamagedPartitions {
  /** Between two attempts to read what was damaged. */
  static final Duration REST = Duration.ofSeconds(5);

  private final Map<Partition, Damage> known = new HashMap<>();

  /**
   * @param offset up to which the partition is read
   * @param reason what is wrong there
   * @param until when it rests
   */
  record Damage(long offset, String reason, Moment until) {}

  void found(Partition partition, long offset, String reason, Moment now) {
    known.put(partition, new Damage(offset, reason, now.plus(REST)));
  }

  /** Those that are read further are sound again. */
  void readTo(Map<Partition, Long> positions) {
    known
        .entrySet()
        .removeIf(one -> positions.getOrDefault(one.getKey(), 0L) > one.getValue().offset());
  }

  /** Those that are not to be read now. */
  Set<Partition> resting(Moment now) {
    return known.entrySet().stream()
        .filter(one -> now.isBefore(one.getValue().until()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  /** Whether it is not known to be sound again. */
  boolean isKnown(Partition partition) {
    return known.containsKey(partition);
  }

  /** All that are not known to be sound again. */
  Map<Partition, Damage> all() {
    return Map.copyOf(known);
  }

  /** Another assignment begins. */
  void forget() {
    known.clear();
  }
}
