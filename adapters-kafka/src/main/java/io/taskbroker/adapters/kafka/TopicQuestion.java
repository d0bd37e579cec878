package io.taskbroker.adapters.kafka;

import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TopicSight;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionInfo;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;

/**
 * What is asked about one topic. The questions are under way together, and each that fails takes
 * only its own answer away. Used by one thread.
 */
final class TopicQuestion {
  private final KafkaTopicSettings topic;
  private final @Nullable Admin admin;
  private final @Nullable KafkaFuture<TopicDescription> description;
  private final @Nullable KafkaFuture<Map<TopicPartition, OffsetAndMetadata>> committed;
  private final @Nullable KafkaFuture<ConsumerGroupDescription> group;
  private List<TopicPartitionInfo> partitions = List.of();
  private @Nullable ListOffsetsResult firsts;
  private @Nullable ListOffsetsResult ends;
  private @Nullable Throwable failure;

  private TopicQuestion(
      KafkaTopicSettings topic,
      @Nullable Admin admin,
      @Nullable KafkaFuture<TopicDescription> description,
      @Nullable KafkaFuture<Map<TopicPartition, OffsetAndMetadata>> committed,
      @Nullable KafkaFuture<ConsumerGroupDescription> group) {
    this.topic = topic;
    this.admin = admin;
    this.description = description;
    this.committed = committed;
    this.group = group;
  }

  /** Asks which partitions there are, and how the group stands. */
  static TopicQuestion ask(Admin admin, KafkaTopicSettings topic) {
    String name = topic.name();
    KafkaFuture<TopicDescription> description =
        admin.describeTopics(List.of(name)).topicNameValues().get(name);
    if (!topic.isConsumable()) {
      return new TopicQuestion(topic, admin, description, null, null);
    }
    String group = topic.consumerGroup();
    return new TopicQuestion(
        topic,
        admin,
        description,
        admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata(),
        admin.describeConsumerGroups(List.of(group)).describedGroups().get(group));
  }

  /** Nothing could be asked. */
  static TopicQuestion unasked(KafkaTopicSettings topic, Throwable failure) {
    TopicQuestion question = new TopicQuestion(topic, null, null, null, null);
    question.failure = failure;
    return question;
  }

  /** Asks where the partitions begin and end; without an answer of those that nobody leads. */
  void askForEnds() {
    Optional<TopicDescription> described = answer(description);
    if (described.isEmpty() || admin == null) {
      return;
    }
    partitions = described.get().partitions();
    Map<TopicPartition, OffsetSpec> oldest = new HashMap<>();
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    for (TopicPartitionInfo one : partitions) {
      if (leader(one) != null) {
        oldest.put(partition(one), OffsetSpec.earliest());
        latest.put(partition(one), OffsetSpec.latest());
      }
    }
    var readable = new ListOffsetsOptions(IsolationLevel.READ_COMMITTED);
    firsts = admin.listOffsets(oldest, readable);
    ends = admin.listOffsets(latest, readable);
  }

  /** What is known of the topic by now. */
  TopicSight answer() {
    Map<TopicPartition, OffsetAndMetadata> positions = answer(committed).orElse(Map.of());
    Map<TopicPartition, String> owners = owners();
    List<PartitionSight> seen = new ArrayList<>();
    for (TopicPartitionInfo one : partitions) {
      TopicPartition partition = partition(one);
      OffsetAndMetadata position = positions.get(partition);
      seen.add(
          new PartitionSight(
              one.partition(),
              leader(one),
              leader(one) == null ? null : offset(firsts, partition),
              leader(one) == null ? null : offset(ends, partition),
              position == null ? null : position.offset(),
              owners.get(partition)));
    }
    return new TopicSight(
        topic.name(),
        use(),
        topic.cluster().name(),
        topic.cluster().address(),
        topic.isConsumable() ? topic.consumerGroup() : null,
        failure == null ? null : KafkaFailure.of(failure, topic).reason(),
        seen);
  }

  private TopicSight.Use use() {
    return switch (topic.use()) {
      case CONSUMED -> TopicSight.Use.READ;
      case CONSUMER_DISABLED -> TopicSight.Use.LEFT_ALONE;
      case PRODUCE_ONLY -> TopicSight.Use.WRITTEN;
    };
  }

  private Map<TopicPartition, String> owners() {
    Map<TopicPartition, String> owners = new HashMap<>();
    answer(group)
        .ifPresent(
            described -> {
              for (MemberDescription member : described.members()) {
                String words = "%s at %s".formatted(member.clientId(), host(member));
                member
                    .assignment()
                    .topicPartitions()
                    .forEach(partition -> owners.put(partition, words));
              }
            });
    return owners;
  }

  /** Kafka puts a slash before an address without a name. */
  private static String host(MemberDescription member) {
    String host = member.host();
    return host.startsWith("/") ? host.substring(1) : host;
  }

  private TopicPartition partition(TopicPartitionInfo one) {
    return new TopicPartition(topic.name(), one.partition());
  }

  private static @Nullable String leader(TopicPartitionInfo partition) {
    Node leader = partition.leader();
    return leader == null || leader.isEmpty() // it says so in either way
        ? null
        : "node %d at %s:%d".formatted(leader.id(), leader.host(), leader.port());
  }

  private @Nullable Long offset(@Nullable ListOffsetsResult asked, TopicPartition partition) {
    return asked == null
        ? null
        : answer(asked.partitionResult(partition))
            .map(ListOffsetsResult.ListOffsetsResultInfo::offset)
            .orElse(null);
  }

  /** Waits for an answer; empty if there is none, or nothing was asked. */
  private <T> Optional<T> answer(@Nullable KafkaFuture<T> asked) {
    if (asked == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(asked.get());
    } catch (ExecutionException e) {
      Throwable cause = KafkaFailure.cause(e);
      if (failure == null && !(cause instanceof GroupIdNotFoundException)) { // nobody is in it yet
        failure = cause;
      }
      return Optional.empty();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
  }
}
