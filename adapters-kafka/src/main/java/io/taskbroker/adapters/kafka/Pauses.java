package io.taskbroker.adapters.kafka;

import io.taskbroker.domain.Partition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongBiFunction;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/**
 * Which partitions the client fetches from.
 *
 * <p>Kafka's client bounds one answer. It fetches from each node whose last answer is used up. So
 * the bytes in memory grow with the number of nodes. To bound them, partitions with nothing in
 * memory are paused while the others have enough. Used by the consumer's thread alone.
 */
final class Pauses {
  private final Consumer<byte[], byte[]> consumer;
  private final ToLongBiFunction<Integer, Long> waitingOf;
  private final long waitingBytes;

  /**
   * @param waitingOf packed bytes of a partition that wait behind the position up to which it has
   *     been read
   * @param waitingBytes of all partitions; from here on nothing more is fetched
   */
  Pauses(
      Consumer<byte[], byte[]> consumer,
      ToLongBiFunction<Integer, Long> waitingOf,
      long waitingBytes) {
    this.consumer = consumer;
    this.waitingOf = waitingOf;
    this.waitingBytes = waitingBytes;
  }

  /** A held consumer goes on polling, since that is how it stays in the group. */
  void holdAll() {
    consumer.pause(consumer.assignment());
  }

  /**
   * @param next of each partition the offset up to which it has been read
   * @param resting partitions that nothing is fetched of
   */
  void goOn(Map<Partition, Long> next, Set<Partition> resting) {
    Set<TopicPartition> assignment = new HashSet<>(consumer.assignment());
    Set<TopicPartition> held = new HashSet<>(Translation.kafkas(resting));
    held.retainAll(assignment);
    assignment.removeAll(held);
    held.addAll(withoutRoom(assignment, next));
    Set<TopicPartition> paused = consumer.paused();
    if (!held.equals(paused)) {
      consumer.pause(held);
      Set<TopicPartition> readable = new HashSet<>(paused);
      readable.removeAll(held);
      consumer.resume(readable);
    }
  }

  private Set<TopicPartition> withoutRoom(
      Set<TopicPartition> assignment, Map<Partition, Long> next) {
    Map<TopicPartition, Long> waiting = new HashMap<>();
    long sum = 0;
    for (TopicPartition partition : assignment) {
      long position = next.getOrDefault(Translation.ours(partition), 0L);
      long bytes = waitingOf.applyAsLong(partition.partition(), position);
      waiting.put(partition, bytes);
      sum += bytes;
    }
    if (sum < waitingBytes) {
      return Set.of();
    }
    Set<TopicPartition> held = new HashSet<>(assignment);
    held.removeIf(partition -> waiting.getOrDefault(partition, 0L) > 0);
    return held;
  }
}
