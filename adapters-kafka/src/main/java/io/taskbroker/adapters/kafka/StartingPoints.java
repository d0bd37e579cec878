package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
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
  private final TopicIdentity identity;
  private final Consumer<byte[], byte[]> consumer;
  private final Intake intake;
  private final FreshPartitions fresh;

  StartingPoints(
      KafkaTopicSettings topic,
      TopicIdentity identity,
      Consumer<byte[], byte[]> consumer,
      Intake intake) {
    this.topic = topic;
    this.identity = identity;
    this.consumer = consumer;
    this.intake = intake;
    this.fresh = new FreshPartitions(consumer);
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
   * Finds out where the group stands in assigned partitions, and asks where the others begin. A
   * partition without a position is left alone while {@code auto_offset_reset} is {@code error}:
   * the next poll complains.
   *
   * @return the group's positions; null if Kafka did not answer in time
   */
  @Nullable Map<Partition, Long> begin(Set<TopicPartition> assignment) {
    Map<TopicPartition, OffsetAndMetadata> answer = ask(assignment);
    if (!answer.keySet().containsAll(assignment)) {
      return null;
    }
    identity.positionsAre(
        answer.values().stream()
            .filter(Objects::nonNull)
            .map(OffsetAndMetadata::metadata)
            .toList());
    Map<TopicPartition, Long> committed = known(answer);
    Set<TopicPartition> others = new HashSet<>(assignment);
    others.removeAll(committed.keySet());
    try {
      boolean isLeft = others.isEmpty() || topic.offsetReset() == OffsetReset.NONE;
      fresh.ask(isLeft ? Set.of() : others, !isLeft && fromTheEnd());
    } catch (TimeoutException e) {
      LOG.debug("Kafka did not say whether the group has begun", e);
      return null;
    }
    return Translation.positions(committed);
  }

  /**
   * Where reading begins in partitions of the assignment that have no position of the group: what
   * has become known since the last call.
   *
   * @param isFirst whether it was asked just now, so that it is worth waiting for
   */
  Map<Partition, Long> begun(boolean isFirst) {
    return Translation.positions(fresh.take(isFirst ? QUESTION : Duration.ZERO));
  }

  /** Partitions of the assignment of which it is not known where they begin. */
  Set<Partition> notBegun() {
    Set<Partition> open = new HashSet<>();
    fresh.open().forEach(partition -> open.add(Translation.ours(partition)));
    return open;
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
            // What the topic has lost is not there; what it has kept was read, unless it is
            // another.
            long end = ends.getOrDefault(partition, position);
            back.put(Translation.ours(partition), identity.isOfPositions() ? end : beginning);
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

  /**
   * Where those of the partitions begin that exist now, in a topic that was created anew: at its
   * first offset if Kafka does not say that of all of them in time.
   */
  Map<Partition, Long> beginningsOf(Set<TopicPartition> partitions) {
    Set<TopicPartition> existing =
        consumer.partitionsFor(topic.name(), QUESTION).stream()
            .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
            .filter(partitions::contains)
            .collect(Collectors.toSet());
    try {
      return Translation.positions(beginnings(existing));
    } catch (TimeoutException e) { // one of them may have no leader
      LOG.debug("Kafka did not say where {} begin", existing, e);
      return existing.stream().collect(Collectors.toMap(Translation::ours, _ -> 0L));
    }
  }

  /** Whether a node that leads a partition answers; any node of Kafka, if none is known to lead. */
  boolean isAnswered(Duration patience) {
    try {
      Set<TopicPartition> led = led(patience);
      if (!led.isEmpty() && isLed(led, patience)) {
        return true;
      }
      if (!led(patience).isEmpty()) { // by now without one that has gone
        return false;
      }
      var _ = consumer.listTopics(patience); // what the client knows already is no answer
      return true;
    } catch (TimeoutException _) {
      return false;
    }
  }

  /**
   * One of the partitions that have a leader, as far as the client knows; empty if there is none.
   */
  private Set<TopicPartition> led(Duration patience) {
    return consumer.partitionsFor(topic.name(), patience).stream()
        .filter(partition -> partition.leader() != null)
        .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
        .limit(1)
        .collect(Collectors.toSet());
  }

  private boolean isLed(Set<TopicPartition> partitions, Duration patience) {
    try {
      return !consumer.beginningOffsets(partitions, patience).isEmpty();
    } catch (TimeoutException e) {
      LOG.debug("Kafka did not say where {} begin", partitions, e);
      return false;
    }
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
