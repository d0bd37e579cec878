package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.unpack.PartitionEnds;
import io.taskbroker.adapters.kafka.unpack.Reader;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Reads partitions at their positions once more, as somebody whom Kafka does not know yet. So what
 * it says is said for this question. Nothing of it is kept, and the group is not joined.
 */
final class PartitionProbe {
  /** Values are not wanted at all. */
  private static final int VALUE_BYTES = 1;

  private static final int FETCH_BYTES = 1 << 20;
  private static final ReadLimits LIMITS =
      new ReadLimits(VALUE_BYTES, FETCH_BYTES, FETCH_BYTES, FETCH_BYTES);

  private static final Duration POLL = Duration.ofMillis(100);

  private final KafkaTopicSettings topic;
  private final int polls;

  /**
   * @param patience how long Kafka may take for its answers
   */
  PartitionProbe(KafkaTopicSettings topic, Duration patience) {
    this.topic = topic;
    this.polls = (int) patience.dividedBy(POLL);
  }

  /**
   * @param positions where partitions are read next
   * @return those that Kafka has answered of, with more records than the position, and with none of
   *     them
   * @throws KafkaException if Kafka does not let them be read
   */
  Set<Integer> leftOut(Map<Integer, Long> positions) {
    Reader reader =
        Reader.create(
            KafkaClientProperties.consumer(topic, LIMITS), LIMITS.valueBytes(), LIMITS.pollBytes());
    try (var consumer = reader.consumer()) {
      Set<Integer> open = new HashSet<>(positions.keySet());
      consumer.assign(open.stream().map(this::partition).toList());
      positions.forEach((number, position) -> consumer.seek(partition(number), position));
      for (int i = 0; i < polls && !open.isEmpty(); i++) {
        reader.budget().begin();
        consumer.poll(POLL).nextOffsets().keySet().forEach(read -> open.remove(read.partition()));
        open.removeAll(reader.damages().take().keySet());
        consumer.pause(
            positions.keySet().stream()
                .filter(number -> !open.contains(number))
                .map(this::partition)
                .toList());
      }
      Map<Integer, PartitionEnds.End> ends = reader.ends().all();
      open.removeIf(number -> !isBehind(positions.get(number), ends.get(number)));
      return open;
    }
  }

  private static boolean isBehind(@Nullable Long position, PartitionEnds.@Nullable End end) {
    return position != null && end != null && position < end.stable();
  }

  private TopicPartition partition(int number) {
    return new TopicPartition(topic.name(), number);
  }
}
