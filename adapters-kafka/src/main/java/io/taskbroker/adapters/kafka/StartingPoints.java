package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the reading of a partition begins or goes on, where the group's position does not say it.
 *
 * <p>The client would decide by {@code auto.offset.reset} alone, which is meant for a group that
 * has no position yet. So the client is told never to decide. Used by the consumer's thread alone.
 */
final class StartingPoints {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private static final Duration QUESTION = Duration.ofSeconds(2);

  private final KafkaTopicSettings topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Intake intake;

  StartingPoints(KafkaTopicSettings topic, Consumer<byte[], byte[]> consumer, Intake intake) {
    this.topic = topic;
    this.consumer = consumer;
    this.intake = intake;
  }

  /**
   * Where the group stands.
   *
   * @return partitions without a position are left out; empty if Kafka did not answer in time
   */
  Map<TopicPartition, Long> committed(Set<TopicPartition> partitions) {
    Map<TopicPartition, OffsetAndMetadata> answer = ask(partitions);
    return answer.isEmpty() ? Map.of() : known(answer);
  }

  /**
   * Where the reading of assigned partitions begins.
   *
   * @param committed the group's positions
   * @param fresh where reading begins in partitions without a position of the group
   */
  record Beginning(Map<Partition, Long> committed, Map<Partition, Long> fresh) {}

  /**
   * Finds out where reading begins, and sets the consumer there. A partition is left out that has
   * no position while {@code auto_offset_reset} is {@code error}: the next poll complains.
   *
   * @return null if Kafka did not answer in time
   */
  @Nullable Beginning begin(Set<TopicPartition> assignment) {
    Map<TopicPartition, OffsetAndMetadata> answer = ask(assignment);
    if (!answer.keySet().containsAll(assignment)) {
      return null;
    }
    Map<TopicPartition, Long> committed = known(answer);
    Set<TopicPartition> fresh = new HashSet<>(assignment);
    fresh.removeAll(committed.keySet());
    if (fresh.isEmpty() || topic.offsetReset() == OffsetReset.NONE) {
      return new Beginning(Translation.positions(committed), Map.of());
    }
    try {
      Map<TopicPartition, Long> begun = fromTheEnd() ? ends(fresh) : beginnings(fresh);
      begun.forEach(consumer::seek);
      return new Beginning(Translation.positions(committed), Translation.positions(begun));
    } catch (TimeoutException e) {
      LOG.debug("Kafka did not say where {} begin", fresh, e);
      return null;
    }
  }

  /**
   * A group that has a position in any partition of the topic has begun already: a partition
   * without one was added since, and nothing of it has been read.
   */
  private boolean fromTheEnd() {
    if (topic.offsetReset() != OffsetReset.LATEST) {
      return false;
    }
    Set<TopicPartition> all =
        consumer.partitionsFor(topic.name(), QUESTION).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .collect(Collectors.toSet());
    return known(consumer.committed(all, QUESTION)).isEmpty();
  }

  /**
   * Sets the consumer to where reading goes on after the client's position turned out not to exist.
   *
   * @throws PartitionBeganAgainException if the position lies behind the end
   * @throws KafkaException if Kafka does not say what exists, or {@code auto_offset_reset} is
   *     {@code error}
   */
  Map<TopicPartition, Long> goOn(OffsetOutOfRangeException outOfRange) {
    if (topic.offsetReset() == OffsetReset.NONE) {
      throw outOfRange;
    }
    Map<TopicPartition, Long> stood = outOfRange.offsetOutOfRangePartitions();
    Map<TopicPartition, Long> beginnings = beginnings(stood.keySet());
    Map<TopicPartition, Long> ends = ends(stood.keySet());
    Map<TopicPartition, OffsetAndMetadata> cutAt =
        outOfRange instanceof LogTruncationException cut ? cut.divergentOffsets() : Map.of();
    Map<TopicPartition, Long> goesOn = new HashMap<>();
    Map<Partition, Long> back = new HashMap<>();
    stood.forEach(
        (partition, position) -> {
          long beginning = beginnings.getOrDefault(partition, 0L);
          OffsetAndMetadata cut = cutAt.get(partition);
          if (position < beginning) {
            skip(partition, position, beginning);
            goesOn.put(partition, beginning);
          } else if (cut != null) {
            back.put(Translation.ours(partition), cut.offset());
          } else if (position > ends.getOrDefault(partition, position)) {
            back.put(Translation.ours(partition), beginning);
          } else {
            goesOn.put(partition, position);
          }
        });
    if (!back.isEmpty()) {
      throw new PartitionBeganAgainException(back);
    }
    goesOn.forEach(consumer::seek);
    return goesOn;
  }

  private void skip(TopicPartition partition, long position, long beginning) {
    long lost = beginning - position;
    LOG.warn(
        "Kafka has deleted records of {} before they were read: the group stood at offset {}, and"
            + " what is left begins at {}. {} offsets are lost; reading goes on at {}. Raise"
            + " retention.ms or retention.bytes of the topic, or add brokers, so that tasks are"
            + " read before they are deleted",
        partition,
        position,
        beginning,
        lost,
        beginning);
    intake.deleted(Translation.ours(partition), beginning, lost);
  }

  /** Where each of the topic's partitions that exist now begins. */
  Map<Partition, Long> beginningsOf(Set<TopicPartition> partitions) {
    Set<TopicPartition> existing =
        consumer.partitionsFor(topic.name(), QUESTION).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .filter(partitions::contains)
            .collect(Collectors.toSet());
    return Translation.positions(beginnings(existing));
  }

  private Map<TopicPartition, Long> beginnings(Set<TopicPartition> partitions) {
    return consumer.beginningOffsets(partitions, QUESTION);
  }

  private Map<TopicPartition, Long> ends(Set<TopicPartition> partitions) {
    return consumer.endOffsets(partitions, QUESTION);
  }

  /** As the client tells it: null where the group has committed nothing. */
  private Map<TopicPartition, OffsetAndMetadata> ask(Set<TopicPartition> partitions) {
    try {
      return consumer.committed(partitions, QUESTION);
    } catch (TimeoutException e) {
      LOG.debug("Kafka did not say where the group stands in {}", partitions, e);
      return Map.of();
    }
  }

  private static Map<TopicPartition, Long> known(Map<TopicPartition, OffsetAndMetadata> answer) {
    Map<TopicPartition, Long> positions = new HashMap<>();
    answer.forEach(
        (partition, position) -> {
          if (position != null) { // the client's way of saying that there is none
            positions.put(partition, position.offset());
          }
        });
    return positions;
  }
}
