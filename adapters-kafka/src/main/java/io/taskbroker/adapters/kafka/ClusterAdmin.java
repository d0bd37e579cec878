package io.taskbroker.adapters.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * A connection to one cluster for a few questions about topics. Each call blocks, for a bounded
 * time.
 */
final class ClusterAdmin implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** A topic has as many copies as the reference gives it. */
  private static final short REPLICATION = 1;

  /** Beyond what the client's own time-outs allow, which count by a clock that may be set back. */
  private static final Duration OVERTIME = Duration.ofSeconds(5);

  private final Admin admin;
  private final Duration longestCall;

  /**
   * Opens the connection.
   *
   * @throws KafkaException if no host of the address can be resolved, or a PEM file is wrong
   */
  static ClusterAdmin open(KafkaClusterSettings cluster) {
    return open(cluster, PATIENCE);
  }

  /**
   * As the other.
   *
   * @param patience how long one call may take
   */
  static ClusterAdmin open(KafkaClusterSettings cluster, Duration patience) {
    return new ClusterAdmin(
        Admin.create(KafkaClientProperties.admin(cluster, patience)), patience.plus(OVERTIME));
  }

  private ClusterAdmin(Admin admin, Duration longestCall) {
    this.admin = admin;
    this.longestCall = longestCall;
  }

  /** What keeps topics from being described: nothing for those that exist, which are left out. */
  Map<String, Throwable> absent(Collection<String> topics) {
    return failures(
        topics.isEmpty() ? Map.of() : admin.describeTopics(List.copyOf(topics)).topicNameValues());
  }

  /** What kept topics from being created: those that were created are left out. */
  Map<String, Throwable> create(Collection<String> topics, int partitions) {
    return failures(
        topics.isEmpty()
            ? Map.of()
            : admin
                .createTopics(
                    topics.stream()
                        .map(topic -> new NewTopic(topic, partitions, REPLICATION))
                        .collect(Collectors.toList()))
                .values());
  }

  /**
   * Whether each partition of the topic has as many replicas in sync as the topic demands of a
   * record that all of them confirm.
   *
   * @throws KafkaException if that is not said, such as for want of a permission
   */
  boolean hasReplicasInSync(String topic) {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    var partitions = sole(admin.describeTopics(List.of(topic)).topicNameValues());
    var config = sole(admin.describeConfigs(List.of(resource)).values());
    ConfigEntry least = answer(config).get(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG);
    int demanded = least == null ? 1 : Integer.parseInt(least.value());
    return answer(partitions).partitions().stream()
        .allMatch(partition -> partition.isr().size() >= demanded);
  }

  /**
   * The id that Kafka has given the topic; empty if there is no such topic.
   *
   * @throws KafkaException if it does not say
   */
  Optional<Uuid> identity(String topic) {
    try {
      return Optional.of(
          answer(sole(admin.describeTopics(List.of(topic)).topicNameValues())).topicId());
    } catch (UnknownTopicOrPartitionException _) {
      return Optional.empty();
    }
  }

  /**
   * Creates a topic of one partition that keeps the last record of each key, with as many copies as
   * another topic has, unless it is there.
   *
   * @throws KafkaException if it cannot be created, or the other topic is not there
   */
  void createCompacted(String topic, String other) {
    var described = answer(sole(admin.describeTopics(List.of(other)).topicNameValues()));
    int copies = described.partitions().getFirst().replicas().size();
    NewTopic wanted =
        new NewTopic(topic, 1, (short) copies)
            .configs(Map.of(TopicConfig.CLEANUP_POLICY_CONFIG, TopicConfig.CLEANUP_POLICY_COMPACT));
    try {
      answer(sole(admin.createTopics(List.of(wanted)).values()));
    } catch (TopicExistsException _) {
      // that is what was wanted
    }
  }

  /**
   * Who leads partitions of a topic, and up to where they can be read. Partitions that the topic
   * does not have are left out.
   *
   * @throws KafkaException if the cluster does not say who leads them
   */
  Map<Integer, PartitionAnswer> leadersAndEnds(String topic, Collection<Integer> partitions) {
    var described = sole(admin.describeTopics(List.of(topic)).topicNameValues());
    Map<Integer, PartitionAnswer> answers = new TreeMap<>();
    Map<Integer, String> led = new TreeMap<>();
    for (TopicPartitionInfo partition : answer(described).partitions()) {
      Node leader = partition.leader();
      if (!partitions.contains(partition.partition())) {
        continue;
      }
      if (leader == null || leader.isEmpty()) { // it says so in either way
        answers.put(partition.partition(), new PartitionAnswer.NoLeader());
      } else {
        led.put(
            partition.partition(),
            "node %d at %s:%d".formatted(leader.id(), leader.host(), leader.port()));
      }
    }
    answers.putAll(ends(topic, led));
    return answers;
  }

  private Map<Integer, PartitionAnswer> ends(String topic, Map<Integer, String> leaders) {
    Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
    leaders
        .keySet()
        .forEach(partition -> asked.put(new TopicPartition(topic, partition), OffsetSpec.latest()));
    var told = admin.listOffsets(asked, new ListOffsetsOptions(IsolationLevel.READ_COMMITTED));
    Map<Integer, PartitionAnswer> answers = new TreeMap<>();
    leaders.forEach(
        (partition, leader) -> {
          try {
            long end = answer(told.partitionResult(new TopicPartition(topic, partition))).offset();
            answers.put(partition, new PartitionAnswer.End(leader, end));
          } catch (TimeoutException | DisconnectException _) {
            answers.put(partition, new PartitionAnswer.NoEnd(leader));
          }
        });
    return answers;
  }

  private static <T> KafkaFuture<T> sole(Map<?, KafkaFuture<T>> answers) {
    return answers.values().iterator().next();
  }

  private <T> T answer(KafkaFuture<T> future) {
    try {
      return future.get(longestCall.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw KafkaFailure.cause(e) instanceof KafkaException known ? known : new KafkaException(e);
    } catch (java.util.concurrent.TimeoutException e) {
      throw new TimeoutException("no answer within " + longestCall, e);
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }

  @Override
  public void close() {
    admin.close(Duration.ZERO);
  }

  private Map<String, Throwable> failures(Map<String, ? extends KafkaFuture<?>> answers) {
    Map<String, Throwable> failures = new TreeMap<>();
    answers.forEach(
        (topic, answer) -> {
          try {
            var _ = answer(answer);
          } catch (KafkaException e) {
            failures.put(topic, e);
          }
        });
    return failures;
  }
}
