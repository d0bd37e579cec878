package io.taskbroker.adapters.kafka;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far each partition is read: the offset of the record that follows those already read. Used by
 * the consumer's thread.
 */
final class ReadPositions {
  private final Map<Partition, Long> next = new HashMap<>();

  Map<Partition, Long> positions() {
    return next;
  }

  /** These partitions are read from here on, and no others. */
  void beginAt(Map<Partition, Long> positions) {
    next.clear();
    next.putAll(positions);
  }

  void upTo(Map<Partition, Long> positions) {
    next.putAll(positions);
  }

  void upTo(Partition partition, long position) {
    next.put(partition, position);
  }

  /**
   * What the client has gone past without giving it out: markers, and what was taken back.
   *
   * @param reached where the client stands now
   */
  Map<Partition, Long> passedOver(Map<Partition, Long> reached) {
    Map<Partition, Long> passed = new HashMap<>();
    reached.forEach(
        (partition, position) -> {
          if (next.getOrDefault(partition, 0L) < position) {
            passed.put(partition, position);
          }
        });
    return passed;
  }

  /**
   * These records are read.
   *
   * @return where partitions began again with a record that lies before what was read of them
   */
  Map<Partition, Long> goingBack(List<SourceRecord> records) {
    Map<Partition, Long> back = new HashMap<>();
    for (SourceRecord record : records) {
      Long expected = next.put(record.partition(), record.offset() + 1);
      if (expected != null && record.offset() < expected) {
        back.put(record.partition(), record.offset());
      }
    }
    return back;
  }
}
