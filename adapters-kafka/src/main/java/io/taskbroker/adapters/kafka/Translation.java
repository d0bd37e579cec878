package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.unpack.Withheld;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.Partition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/** Says the Kafka client's words in ours, and ours in the client's. */
final class Translation {
  private Translation() {}

  /** Records in the order of each partition. Values are not copied. */
  static List<SourceRecord> sourceRecords(ConsumerRecords<byte[], byte[]> polled) {
    List<SourceRecord> records = new ArrayList<>(polled.count());
    for (TopicPartition partition : polled.partitions()) {
      Partition ours = ours(partition);
      for (ConsumerRecord<byte[], byte[]> record : polled.records(partition)) {
        records.add(
            new SourceRecord(
                ours,
                record.offset(),
                record.timestamp(),
                record.value(),
                headers(record.headers()),
                Withheld.bytes(record.headers())));
      }
    }
    return records;
  }

  static Partition ours(TopicPartition partition) {
    return new Partition(partition.topic(), partition.partition());
  }

  /** Positions of a group; partitions without one are left out. */
  static Map<Partition, Long> ours(Map<TopicPartition, OffsetAndMetadata> committed) {
    Map<Partition, Long> positions = new HashMap<>();
    committed.forEach(
        (partition, position) -> {
          if (position != null) { // the client's way of saying that there is none
            positions.put(ours(partition), position.offset());
          }
        });
    return positions;
  }

  static Map<Partition, Long> positions(Map<TopicPartition, Long> offsets) {
    Map<Partition, Long> positions = new HashMap<>();
    offsets.forEach((partition, offset) -> positions.put(ours(partition), offset));
    return positions;
  }

  /** Partitions that Kafka can know; an unknown origin is none. */
  static Set<TopicPartition> kafkas(Collection<Partition> partitions) {
    return partitions.stream()
        .filter(partition -> partition.number() >= 0)
        .map(Translation::kafkas)
        .collect(Collectors.toUnmodifiableSet());
  }

  /**
   * Positions to commit.
   *
   * @param beside a text that Kafka keeps beside each
   */
  static Map<TopicPartition, OffsetAndMetadata> kafkas(
      Map<Partition, Long> positions, String beside) {
    Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
    positions.forEach(
        (partition, position) ->
            offsets.put(kafkas(partition), new OffsetAndMetadata(position, beside)));
    return offsets;
  }

  private static TopicPartition kafkas(Partition partition) {
    return new TopicPartition(partition.topic(), partition.number());
  }

  private static List<SourceRecord.Header> headers(Headers headers) {
    List<SourceRecord.Header> ours = new ArrayList<>();
    for (Header header : headers) {
      if (!(header instanceof Withheld)) {
        ours.add(new SourceRecord.Header(header.key(), header.value()));
      }
    }
    return ours;
  }
}
