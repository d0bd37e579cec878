package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What keeps a topic from being read, and is said within seconds. */
@ExtendWith(SharedKafka.class)
class StandstillTest {
  private final KafkaBench kafka;

  StandstillTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  @Test
  void aTransactionThatStaysOpen_isExplained_andSoIsItsEnd() {
    kafka.create("open", 1);
    kafka.produce("open", 1, 1);
    try (var broker = IntakeBench.start(kafka.consumed("open"))) {
      broker.awaitRows(1);
      var seen = new AtomicReference<>("");
      kafka.produceInTransaction(
          "open",
          1,
          producer -> {
            kafka.produce("open", 1, 5);
            Eventually.holds(
                "it is explained",
                () -> {
                  seen.set(broker.stalls.current().toString());
                  return seen.get().contains("a transaction open since offset 1");
                });
            producer.commitTransaction();
          });

      assertThat(seen.get())
          .contains("partition 0 of topic 'open'")
          .doesNotContain("nothing of it comes");
      broker.awaitRows(7);
      Eventually.holds("it goes on", () -> broker.stall().isEmpty());
    }
  }

  @Test
  void transactionsThatEndInTime_areNoStandstill() {
    kafka.create("busy", 1);
    try (var broker = IntakeBench.start(kafka.consumed("busy"))) {
      for (int i = 0; i < 5; i++) {
        kafka.produceInTransaction("busy", 10, KafkaProducer::commitTransaction);
      }
      broker.awaitRows(50);
      Eventually.holds("nothing stalls", () -> broker.stall().isEmpty());
    }
  }

  @Test
  void aMemberThatWasKilled_isWaitedFor_andThatIsSaidWithinSeconds() {
    kafka.create("killed", 1);
    KafkaTopicSettings topic =
        TopicSettings.withSession(kafka.consumed("killed"), Duration.ofSeconds(40));
    Map<String, Object> properties = KafkaClientProperties.consumer(topic, IntakeBench.LIMITS);
    properties.put("auto.offset.reset", "earliest");
    properties.put("key.deserializer", ByteArrayDeserializer.class);
    properties.put("value.deserializer", ByteArrayDeserializer.class);
    try (var killed = new KafkaConsumer<byte[], byte[]>(properties)) {
      killed.subscribe(Set.of(topic.name()));
      Eventually.holds(
          "it is in",
          () -> {
            killed.poll(Duration.ofMillis(100));
            return !killed.assignment().isEmpty();
          });
      killed.close(
          CloseOptions.groupMembershipOperation(
              CloseOptions.GroupMembershipOperation.REMAIN_IN_GROUP));
      try (var broker = IntakeBench.start(topic)) {
        kafka.produce("killed", 1, 3);
        Eventually.holds(
            "it is explained", () -> broker.stall().contains("has not let this broker in"));
        assertThat(broker.store.size()).as("it is explained while it lasts").isZero();
        broker.awaitRows(3);
        Eventually.holds("it goes on", () -> broker.stall().isEmpty());
      }
    }
  }
}
