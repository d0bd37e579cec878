package io.taskbroker.workload.kafka;

import static java.util.Objects.requireNonNull;

import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;

/** Creates topics, and asks how far they and their readers are. */
public final class Topics implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final short ONE_COPY = 1;

  private final Admin admin;

  private Topics(Admin admin) {
    this.admin = admin;
  }

  public static Topics at(String address) {
    return new Topics(Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, address)));
  }

  /** Leaves one that exists as it is. */
  public void create(String topic, int partitions) {
    create(topic, partitions, Map.of());
  }

  /**
   * Leaves one that exists as it is.
   *
   * @param settings of the topic, such as {@code max.message.bytes}
   */
  public void create(String topic, int partitions, Map<String, String> settings) {
    var request =
        admin.createTopics(List.of(new NewTopic(topic, partitions, ONE_COPY).configs(settings)));
    try {
      await("create topic " + topic, request.all());
    } catch (IllegalStateException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw e;
      }
    }
  }

  /** Deletes it and creates another of the same name; returns once that can be written to. */
  public void createAnew(String topic, int partitions) {
    delete(topic);
    create(topic, partitions);
    awaitNew(topic);
  }

  public void delete(String topic) {
    await("delete topic " + topic, admin.deleteTopics(List.of(topic)).all());
  }

  /** Returns once a topic that nobody has written to yet, whoever creates it, can be written to. */
  public void awaitNew(String topic) {
    Waiting.until("topic " + topic + " is there", PATIENCE, () -> isThere(topic));
  }

  private boolean isThere(String topic) {
    try {
      return ends(topic).values().stream().allMatch(end -> end == 0);
    } catch (IllegalStateException _) {
      return false; // the news has not reached every part of Kafka
    }
  }

  public List<TopicPartition> partitions(String topic) {
    var descriptions = admin.describeTopics(List.of(topic)).topicNameValues();
    var description =
        await("describe topic " + topic, requireNonNull(descriptions.get(topic), topic));
    return IntStream.range(0, description.partitions().size())
        .mapToObj(partition -> new TopicPartition(topic, partition))
        .toList();
  }

  /** How many records were ever written to it. */
  public long size(String topic) {
    return ends(topic).values().stream().mapToLong(Long::longValue).sum();
  }

  /** How many records of a topic a consumer group has not committed. */
  public long lag(String group, String topic) {
    Map<TopicPartition, Long> ends = ends(topic);
    Map<TopicPartition, Long> committed = committed(group);
    return ends.entrySet().stream()
        .mapToLong(end -> end.getValue() - committed.getOrDefault(end.getKey(), 0L))
        .sum();
  }

  /** What a consumer group has committed; partitions without a commit are missing. */
  public Map<TopicPartition, Long> committed(String group) {
    Map<TopicPartition, OffsetAndMetadata> positions =
        await(
            "read the offsets of group " + group,
            admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
    Map<TopicPartition, Long> committed = new HashMap<>();
    positions.forEach(
        (partition, position) -> {
          if (position != null) {
            committed.put(partition, position.offset());
          }
        });
    return committed;
  }

  /** Commits all there is now, for a group that has no members. */
  public void commitAll(String group, String topic) {
    var positions =
        ends(topic).entrySet().stream()
            .collect(
                Collectors.toMap(Map.Entry::getKey, end -> new OffsetAndMetadata(end.getValue())));
    await(
        "commit the offsets of group " + group,
        admin.alterConsumerGroupOffsets(group, positions).all());
  }

  /** The offset after the last record of each partition. */
  public Map<TopicPartition, Long> ends(String topic) {
    List<TopicPartition> partitions = partitions(topic);
    var latest = partitions.stream().collect(Collectors.toMap(p -> p, _ -> OffsetSpec.latest()));
    var ends = await("read the ends of " + partitions, admin.listOffsets(latest).all());
    return ends.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, end -> end.getValue().offset()));
  }

  private static <T> T await(String action, KafkaFuture<T> future) {
    try {
      return future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot " + action, e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException("cannot " + action + " within " + PATIENCE, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted, cannot " + action, e);
    }
  }

  @Override
  public void close() {
    admin.close();
  }
}
