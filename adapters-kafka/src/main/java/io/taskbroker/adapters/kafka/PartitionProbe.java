package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.unpack.PartitionEnds;
import io.taskbroker.adapters.kafka.unpack.Reader;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
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

  /** Also a slow line brings so much soon. */
  private static final int FETCH_BYTES = 1 << 16;

  private static final ReadLimits LIMITS =
      new ReadLimits(VALUE_BYTES, FETCH_BYTES, FETCH_BYTES, FETCH_BYTES);

  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration CLOSING = Duration.ofSeconds(1);

  /**
   * Polls in which nothing comes of any partition. Before that, one may only have to wait until
   * others are sent: an answer that is full of them says nothing of it.
   */
  private static final int SILENT_POLLS = 15;

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
   *     them; empty if there was no time to be sure
   * @throws KafkaException if Kafka does not let them be read
   */
  Set<Integer> leftOut(Map<Integer, Long> positions) {
    Reader reader =
        Reader.create(
            KafkaClientProperties.consumer(topic, LIMITS), LIMITS.valueBytes(), LIMITS.pollBytes());
    Consumer<byte[], byte[]> consumer = reader.consumer();
    try {
      Set<Integer> open = new HashSet<>(positions.keySet());
      consumer.assign(open.stream().map(this::partition).toList());
      positions.forEach((number, position) -> consumer.seek(partition(number), position));
      int silent = 0;
      for (int i = 0; i < polls && !open.isEmpty(); i++) {
        int before = open.size();
        reader.budget().begin();
        consumer.poll(POLL).nextOffsets().keySet().forEach(read -> open.remove(read.partition()));
        open.removeAll(reader.damages().take().keySet());
        consumer.pause(
            positions.keySet().stream()
                .filter(number -> !open.contains(number))
                .map(this::partition)
                .toList());
        silent = open.size() < before ? 0 : silent + 1;
      }
      Map<Integer, PartitionEnds.End> ends = reader.ends().all();
      open.removeIf(number -> !isBehind(positions.get(number), ends.get(number)));
      return silent < SILENT_POLLS ? Set.of() : open;
    } finally {
      consumer.close(CloseOptions.timeout(CLOSING)); // a leader that hangs would be waited for
    }
  }

  private static boolean isBehind(@Nullable Long position, PartitionEnds.@Nullable End end) {
    return position != null && end != null && position < end.stable();
  }

  private TopicPartition partition(int number) {
    return new TopicPartition(topic.name(), number);
  }
}
