package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.MemberDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.GroupState;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** What tests do to a Kafka from outside: topics, records, a look at a group. */
final class KafkaBench implements AutoCloseable {
  private static final int TEN_MEGABYTES = 10_485_760;

  private final String address;
  private final Admin admin;
  private final KafkaProducer<byte[], byte[]> producer;

  KafkaBench(String address) {
    this.address = address;
    this.admin = Admin.create(Map.of("bootstrap.servers", address));
    this.producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                address,
                "max.request.size",
                TEN_MEGABYTES,
                "linger.ms",
                1,
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class));
  }

  String address() {
    return address;
  }

  KafkaClusterSettings cluster() {
    return cluster(address);
  }

  static KafkaClusterSettings cluster(String address) {
    return new KafkaClusterSettings("default", address, KafkaSecuritySettings.NONE);
  }

  KafkaTopicSettings consumed(String topic) {
    return consumed(topic, cluster());
  }

  static KafkaTopicSettings consumed(String topic, KafkaClusterSettings cluster) {
    return TopicSettings.of(topic, cluster, Use.CONSUMED);
  }

  void create(String topic, int partitions) {
    create(topic, partitions, Map.of());
  }

  /**
   * Returns once the partitions can be used. A producer that is quicker may have a first batch
   * refused and a second taken, and then repeats the first in vain (KAFKA-15591).
   */
  void create(String topic, int partitions, Map<String, String> config) {
    await(
        admin
            .createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config)))
            .all());
    awaitPartitions(topic, partitions);
  }

  /** Each partition on the nodes that are listed. */
  void create(String topic, Map<Integer, List<Integer>> nodes) {
    await(admin.createTopics(List.of(new NewTopic(topic, nodes))).all());
    awaitPartitions(topic, nodes.size());
  }

  /** Has Kafka create the topic in which groups are kept, on a node that is there now. */
  void createGroups() {
    create("__consumer_offsets", 1, Map.of("cleanup.policy", "compact"));
  }

  /** Returns once the partitions of a topic that somebody else has created can be used. */
  void awaitPartitions(String topic, int partitions) {
    Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      ends.put(new TopicPartition(topic, partition), OffsetSpec.latest());
    }
    Eventually.holds(
        "the partitions of %s are known".formatted(topic),
        () ->
            admin
                .listOffsets(ends)
                .all()
                .toCompletionStage()
                .handle((_, failure) -> failure == null)
                .toCompletableFuture()
                .join());
  }

  /** Sets one of the topic's settings; returns once Kafka has it. */
  void alter(String topic, String key, String value) {
    await(
        admin
            .incrementalAlterConfigs(
                Map.of(
                    new ConfigResource(ConfigResource.Type.TOPIC, topic),
                    List.of(
                        new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET))))
            .all());
  }

  void addPartitions(String topic, int total) {
    await(admin.createPartitions(Map.of(topic, NewPartitions.increaseTo(total))).all());
    awaitPartitions(topic, total);
  }

  /** Deletes what lies before an offset of partition 0, as retention does. */
  void deleteBefore(String topic, long offset) {
    await(
        admin
            .deleteRecords(
                Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(offset)))
            .all());
  }

  /** Returns once the topic is gone for clients, too: what is created anew is not taken for it. */
  void delete(String topic) {
    await(admin.deleteTopics(List.of(topic)).all());
    Eventually.holds(topic + " is gone", () -> !exist(topic));
  }

  /** Sets the topic's group, which has no member, back, as an operator does. */
  void setBack(String topic, int partition, long position) {
    setBack(topic, partition, new OffsetAndMetadata(position));
  }

  void setBack(String topic, int partition, OffsetAndMetadata position) {
    await(
        admin
            .alterConsumerGroupOffsets(
                topic + "-group", Map.of(new TopicPartition(topic, partition), position))
            .all());
  }

  boolean exist(String... topics) {
    return await(admin.listTopics().names()).containsAll(List.of(topics));
  }

  int partitions(String topic) {
    return await(admin.describeTopics(List.of(topic)).topicNameValues().values().iterator().next())
        .partitions()
        .size();
  }

  /** Writes numbered values to each partition, and returns once Kafka has them. */
  void produce(String topic, int partitions, int each) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    for (int number = 0; number < each; number++) {
      for (int partition = 0; partition < partitions; partition++) {
        byte[] value = Integer.toString(number).getBytes(StandardCharsets.UTF_8);
        sent.add(producer.send(new ProducerRecord<>(topic, partition, null, value)));
      }
    }
    sent.forEach(KafkaBench::await);
  }

  void produce(ProducerRecord<byte[], byte[]> record) {
    await(producer.send(record));
  }

  /**
   * Writes a batch to partition 0 as a producer does that compresses, and returns once it is there.
   */
  void produceCompressed(String topic, int count, String codec) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (var compressing =
        new KafkaProducer<byte[], byte[]>(
            Map.of(
                "bootstrap.servers",
                address,
                "compression.type",
                codec,
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class))) {
      for (int number = 0; number < count; number++) {
        sent.add(compressing.send(new ProducerRecord<>(topic, 0, null, new byte[100])));
      }
    }
    sent.forEach(KafkaBench::await);
  }

  /** Writes to partition 0, and ends the transaction as told. */
  void produceInTransaction(
      String topic, int count, Consumer<KafkaProducer<byte[], byte[]>> ending) {
    try (var transactional =
        new KafkaProducer<byte[], byte[]>(
            Map.of(
                "bootstrap.servers",
                address,
                "transactional.id",
                topic,
                "key.serializer",
                ByteArraySerializer.class,
                "value.serializer",
                ByteArraySerializer.class))) {
      transactional.initTransactions();
      transactional.beginTransaction();
      for (int i = 0; i < count; i++) {
        await(transactional.send(new ProducerRecord<>(topic, 0, null, new byte[1])));
      }
      ending.accept(transactional);
    }
  }

  /** How many records a topic of one partition has had. */
  long end(String topic) {
    TopicPartition only = new TopicPartition(topic, 0);
    return await(admin.listOffsets(Map.of(only, OffsetSpec.latest())).partitionResult(only))
        .offset();
  }

  /** All records of a topic. */
  List<ConsumerRecord<byte[], byte[]>> read(String topic, int expected) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<byte[], byte[]>(
            Map.of(
                "bootstrap.servers", address,
                "key.deserializer", ByteArrayDeserializer.class,
                "value.deserializer", ByteArrayDeserializer.class))) {
      List<TopicPartition> all = new ArrayList<>();
      for (int partition = 0; partition < partitions(topic); partition++) {
        all.add(new TopicPartition(topic, partition));
      }
      consumer.assign(all);
      consumer.seekToBeginning(all);
      Eventually.holds(
          "%d records in %s".formatted(expected, topic),
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return records.size() >= expected;
          });
    }
    return records;
  }

  /** All records of partition 0, but for those of transactions that are open or came to nothing. */
  List<ConsumerRecord<byte[], byte[]>> readCommitted(String topic) {
    TopicPartition only = new TopicPartition(topic, 0);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (var consumer =
        new KafkaConsumer<byte[], byte[]>(
            Map.of(
                "bootstrap.servers",
                address,
                "isolation.level",
                "read_committed",
                "key.deserializer",
                ByteArrayDeserializer.class,
                "value.deserializer",
                ByteArrayDeserializer.class))) {
      consumer.assign(List.of(only));
      consumer.seekToBeginning(List.of(only));
      Eventually.holds(
          "the end of %s".formatted(topic),
          () -> {
            consumer.poll(Duration.ofMillis(100)).forEach(records::add);
            return consumer.position(only) >= end(topic);
          });
    }
    return records;
  }

  /** Where a topic's group stands, by partition. */
  Map<Integer, Long> committed(String topic) {
    Map<Integer, Long> positions = new TreeMap<>();
    await(admin.listConsumerGroupOffsets(topic + "-group").partitionsToOffsetAndMetadata())
        .forEach(
            (partition, position) -> {
              if (position != null && partition.topic().equals(topic)) {
                positions.put(partition.partition(), position.offset());
              }
            });
    return positions;
  }

  /** Whether the topic's group has so many members, each with its share. */
  boolean isSettled(String topic, int members) {
    try {
      ConsumerGroupDescription group = group(topic);
      return group.groupState() == GroupState.STABLE && group.members().size() == members;
    } catch (IllegalStateException e) {
      Throwable cause = e.getCause();
      if (cause != null && KafkaFailure.cause(cause) instanceof GroupIdNotFoundException) {
        return false; // nobody has joined yet
      }
      throw e;
    }
  }

  /** Ends the membership of all, without asking them. */
  void expel(String topic) {
    await(
        admin
            .removeMembersFromConsumerGroup(
                topic + "-group", new RemoveMembersFromConsumerGroupOptions())
            .all());
  }

  /** What Kafka calls the members of the topic's group. */
  List<String> members(String topic) {
    return group(topic).members().stream().map(MemberDescription::consumerId).toList();
  }

  private ConsumerGroupDescription group(String topic) {
    return await(
        admin
            .describeConsumerGroups(List.of(topic + "-group"))
            .describedGroups()
            .values()
            .iterator()
            .next());
  }

  static Map<Integer, Long> everywhere(int partitions, long position) {
    Map<Integer, Long> positions = new HashMap<>();
    for (int partition = 0; partition < partitions; partition++) {
      positions.put(partition, position);
    }
    return positions;
  }

  @Override
  public void close() {
    producer.close();
    admin.close();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.get();
    } catch (Exception e) {
      throw new IllegalStateException("Kafka did not do what a test needs", e);
    }
  }
}
