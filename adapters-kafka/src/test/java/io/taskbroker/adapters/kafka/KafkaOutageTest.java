package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.adapters.kafka.unpack.Reader;
import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.testkit.log.CapturedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is wrong with Kafka is explained, waited for, and ends nothing. */
@ExtendWith(SharedKafka.class)
class KafkaOutageTest {
  private final KafkaBench kafka;

  @TempDir Path folder;

  KafkaOutageTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  @Test
  void aKafkaThatStartsLate_orAgain_isWaitedFor() {
    NodeSettings node = NodeSettings.in(folder);
    KafkaTopicSettings topic = KafkaBench.consumed("late", KafkaBench.cluster(node.address()));
    try (var broker = IntakeBench.start(topic)) {
      Eventually.holds("it is explained", () -> broker.stall().contains("does not answer"));
      assertThat(broker.stall()).contains(node.address());

      try (EmbeddedKafka _ = EmbeddedKafka.start(node);
          var bench = new KafkaBench(node.address())) {
        Eventually.holds("the topic is missed", () -> broker.stall().contains("does not exist"));
        bench.create("late", 1);
        bench.produce("late", 1, 10);
        broker.awaitRows(10);
        Eventually.holds("it goes on", () -> broker.stall().isEmpty());
      }
      Eventually.holds("it is explained", () -> broker.stall().contains("does not answer"));
      try (EmbeddedKafka _ = EmbeddedKafka.start(node);
          var bench = new KafkaBench(node.address())) {
        bench.produce("late", 1, 10);
        broker.awaitRows(20);
        Eventually.holds("it goes on", () -> broker.stall().isEmpty());
        Eventually.holds("all is committed", () -> bench.committed("late").equals(Map.of(0, 20L)));
      }
      assertThat(broker.crashes).isEmpty();
    }
  }

  /** Without a group, since a new assignment would set the position anew. */
  @Test
  void aPartitionWithANewLeader_isReadOn() {
    NodeSettings node = NodeSettings.in(folder);
    TopicPartition only = new TopicPartition("led", 0);
    KafkaTopicSettings topic = KafkaBench.consumed("led", KafkaBench.cluster(node.address()));
    Map<String, Object> properties = KafkaClientProperties.consumer(topic, IntakeBench.LIMITS);
    try (Consumer<byte[], byte[]> consumer =
        Reader.create(properties, Integer.MAX_VALUE, Long.MAX_VALUE).consumer()) {
      try (EmbeddedKafka _ = EmbeddedKafka.start(node);
          var bench = new KafkaBench(node.address())) {
        bench.create("led", 1);
        bench.produce("led", 1, 10);
        consumer.assign(Set.of(only));
        consumer.seek(only, 0);
        readTo(10, consumer, only);
      }
      try (EmbeddedKafka _ = EmbeddedKafka.start(node); // each start is another term of the leader
          var bench = new KafkaBench(node.address())) {
        bench.produce("led", 1, 10);
        readTo(20, consumer, only);
      }
    }
  }

  @Test
  void aPositionThatNamesItsLeadersTerm_isReadFrom() {
    kafka.create("termed", 1);
    kafka.produce("termed", 1, 10);
    kafka.setBack("termed", 0, new OffsetAndMetadata(4, Optional.of(0), ""));
    try (var broker = IntakeBench.start(kafka.consumed("termed"))) {
      broker.awaitRows(6);
      assertThat(broker.store.offsets()).isEqualTo(Map.of(0, List.of(4L, 5L, 6L, 7L, 8L, 9L)));
    }
  }

  private static void readTo(
      long position, Consumer<byte[], byte[]> consumer, TopicPartition partition) {
    Eventually.holds(
        "all is read",
        () -> {
          consumer.poll(Duration.ofMillis(100));
          return consumer.position(partition) == position;
        });
  }

  @Test
  void aTopicThatIsCreatedLate_isRead() {
    try (var log = new CapturedLog("taskbroker::kafka::consumer");
        var broker = IntakeBench.start(kafka.consumed("late-topic"))) {
      Eventually.holds(
          "it is explained",
          () -> broker.stall().contains("topic 'late-topic' does not exist at " + kafka.address()));
      kafka.create("late-topic", 2);
      kafka.produce("late-topic", 2, 100);

      broker.awaitRows(200);
      Eventually.holds("it goes on", () -> broker.stall().isEmpty());
      assertThat(log.lines()).noneMatch(line -> line.contains("It stands by"));
    }
  }

  @Test
  void aTopicThatIsDeleted_isMissed_andReadAgainWhenItIsBack() {
    kafka.create("deleted", 1);
    kafka.produce("deleted", 1, 10);
    try (var broker = IntakeBench.start(kafka.consumed("deleted"))) {
      broker.awaitRows(10);
      kafka.delete("deleted");
      Eventually.holds("it is missed", () -> broker.stall().contains("does not exist"));

      kafka.create("deleted", 1);
      kafka.produce("deleted", 1, 20);
      Eventually.holds("it is read again", () -> broker.store.size() > 10);
      assertThat(broker.crashes).isEmpty();
    }
  }

  @Test
  void aGroupThatLetsNobodyIn_isExplained_andNotTakenForAKafkaThatIsAway() {
    kafka.create("hung-up", 1);
    KafkaTopicSettings topic = kafka.consumed("hung-up");
    Map<String, Object> properties = KafkaClientProperties.consumer(topic, IntakeBench.LIMITS);
    properties.put("auto.offset.reset", "earliest");
    properties.put("key.deserializer", ByteArrayDeserializer.class);
    properties.put("value.deserializer", ByteArrayDeserializer.class);
    try (var hanging = new KafkaConsumer<byte[], byte[]>(properties)) {
      hanging.subscribe(Set.of(topic.name()));
      Eventually.holds(
          "the other member is in",
          () -> {
            hanging.poll(Duration.ofMillis(100));
            return !hanging.assignment().isEmpty();
          });
      try (var broker = IntakeBench.start(topic)) { // the other one is alive, and never polls again
        Eventually.holds(
            "it is explained",
            () ->
                broker.stall().contains("group 'hung-up-group' has not let this broker in")
                    && !broker.stall().contains("does not answer"));

        hanging.close(CloseOptions.timeout(Duration.ofSeconds(1)));

        Eventually.holds("it goes on", () -> broker.stall().isEmpty());
      }
    }
  }

  @Test
  void aHostWithoutAddress_isExplained() {
    KafkaTopicSettings topic =
        KafkaBench.consumed("any", KafkaBench.cluster("no-such-host.invalid"));
    try (var broker = IntakeBench.start(topic)) {
      Eventually.holds("it is explained", () -> broker.stall().contains("can be resolved"));
    }
  }

  @Test
  void aMissingPemFile_isExplained_andTheThreadLivesOn() {
    var security =
        new KafkaSecuritySettings("ssl", null, null, null, "/no/such/ca.pem", null, null);
    KafkaTopicSettings topic =
        KafkaBench.consumed("any", new KafkaClusterSettings("default", kafka.address(), security));
    try (var broker = IntakeBench.start(topic)) {
      Eventually.holds(
          "it is explained",
          () -> broker.stall().contains("ssl_ca_location: /no/such/ca.pem does not exist"));
      assertThat(broker.crashes).isEmpty();
    }
  }

  @Test
  void aSessionTimeoutThatKafkaDoesNotAllow_isExplained() {
    kafka.create("session", 1);
    KafkaTopicSettings topic = kafka.consumed("session");
    var impatient = TopicSettings.withSession(topic, Duration.ofMillis(100));
    try (var broker = IntakeBench.start(impatient)) {
      Eventually.holds(
          "it is explained", () -> broker.stall().contains("a session timeout of 100 ms"));
    }
  }

  @Test
  void aGroupWithoutPosition_thatMustNotChooseOne_isExplained() {
    kafka.create("positionless", 1);
    KafkaTopicSettings topic = kafka.consumed("positionless");
    var strict = TopicSettings.with(topic, OffsetReset.NONE);
    try (var broker = IntakeBench.start(strict)) {
      Eventually.holds("it is explained", () -> broker.stall().contains("no valid position"));
    }
  }
}
