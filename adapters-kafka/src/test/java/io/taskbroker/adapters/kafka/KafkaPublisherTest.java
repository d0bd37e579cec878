package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.Fate.Acknowledged;
import io.taskbroker.application.upkeep.Publisher.Fate.NotNow;
import io.taskbroker.application.upkeep.Publisher.Fate.Refused;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Delivery;
import io.taskbroker.embeddedkafka.FreePorts;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class KafkaPublisherTest {
  private static final int MAX_MESSAGE = 100_000;
  private static final Duration HALF_A_SECOND = Duration.ofMillis(500);

  private final KafkaBench kafka;

  KafkaPublisherTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  @Test
  void whatIsAcknowledged_canBeRead_withItsHeaders_andWithoutAKey() {
    kafka.create("out", 3);
    List<OutgoingRecord> records = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      records.add(
          new OutgoingRecord(
              bytes("value " + i),
              Map.of("reason", bytes("why " + i)),
              "id " + i,
              Delivery.AT_LEAST_ONCE));
    }
    try (var publisher = publisher(kafka.cluster())) {
      assertThat(publisher.publish("out", records))
          .hasSize(500)
          .allMatch(fate -> fate instanceof Acknowledged);
      assertThat(publisher.publish("out", List.of())).isEmpty();
    }

    List<ConsumerRecord<byte[], byte[]>> read = kafka.read("out", 500);
    assertThat(read).hasSize(500).allMatch(record -> record.key() == null);
    Set<String> values = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : read) {
      String value = text(record.value());
      values.add(value);
      assertThat(text(record.headers().lastHeader("reason").value()))
          .isEqualTo(value.replace("value", "why"));
    }
    assertThat(values).hasSize(500);
  }

  @Test
  void equalPartitionKeys_goToTheSamePartition_asKafkaItselfWouldChoose() {
    kafka.create("keyed", 7);
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(UUID.nameUUIDFromBytes(bytes("task " + i)).toString());
    }
    for (int attempt = 0; attempt < 2; attempt++) { // each time with a new producer
      try (var publisher = publisher(kafka.cluster())) {
        publisher.publish(
            "keyed",
            ids.stream()
                .map(id -> new OutgoingRecord(bytes(id), Map.of(), id, Delivery.AT_LEAST_ONCE))
                .toList());
      }
    }
    ids.forEach(
        id ->
            kafka.produce(
                new org.apache.kafka.clients.producer.ProducerRecord<>(
                    "keyed", bytes(id), bytes(id))));

    Map<String, Set<Integer>> partitions = new HashMap<>();
    kafka
        .read("keyed", 300)
        .forEach(
            record ->
                partitions
                    .computeIfAbsent(text(record.value()), _ -> new HashSet<>())
                    .add(record.partition()));
    assertThat(partitions).hasSize(100).allSatisfy((_, chosen) -> assertThat(chosen).hasSize(1));
    assertThat(partitions.values().stream().flatMap(Set::stream).distinct()).hasSize(7);
  }

  @Test
  void aRecordThatIsTooLarge_isNeverTaken_andItsNeighboursAre() {
    kafka.create("limits", 1);
    try (var publisher = publisher(kafka.cluster())) {
      List<Fate> fates =
          publisher.publish(
              "limits", List.of(sized(10), sized(MAX_MESSAGE + 1), sized(20), sized(30)));

      assertThat(fates)
          .extracting(fate -> fate.getClass().getSimpleName())
          .containsExactly("Acknowledged", "Never", "Acknowledged", "Acknowledged");
    }
  }

  @Test
  void aRecordThatIsTooLargeForItsTopic_isRefusedByItself_andItsNeighboursAreTaken() {
    kafka.create("narrow", 1, Map.of("max.message.bytes", "5000"));
    try (var publisher = publisher(kafka.cluster())) {
      List<Fate> fates =
          publisher.publish("narrow", List.of(sized(100), sized(9_000), sized(200), sized(300)));

      assertThat(fates)
          .extracting(fate -> fate.getClass().getSimpleName())
          .containsExactly("Acknowledged", "Refused", "Acknowledged", "Acknowledged");
    }
    assertThat(kafka.read("narrow", 3)).hasSize(3);
  }

  /** The client would repeat it until it gives it up, and then nobody knows whether it is there. */
  @Test
  void whereReplicasAreMissing_aRecordThatMustNotBeSentTwiceIsNotSent() {
    kafka.create("thin", 1, Map.of("min.insync.replicas", "2"));
    try (var publisher = publisher(kafka.cluster())) {
      Eventually.holds(
          "it is explained", // Kafka may be too slow at first even to say that
          () -> {
            List<Fate> fates = publisher.publish("thin", List.of(once("a"), once("b")));
            assertThat(fates).hasSize(2).allMatch(fate -> fate instanceof NotNow);
            return fates.stream()
                .allMatch(
                    fate ->
                        fate instanceof NotNow(String reason, String _)
                            && reason.equals(
                                "topic 'thin' has fewer replicas in sync than it demands"));
          });

      kafka.alter("thin", "min.insync.replicas", "1");
      Eventually.holds(
          "the records are taken",
          () ->
              publisher.publish("thin", List.of(once("a"), once("b"))).stream()
                  .allMatch(fate -> fate instanceof Acknowledged));
    }
    assertThat(kafka.read("thin", 2)).hasSize(2);
  }

  private static OutgoingRecord once(String id) {
    return new OutgoingRecord(bytes(id), Map.of(), id, Delivery.AT_MOST_ONCE);
  }

  @Test
  void aRecordThatKafkaFindsInvalid_isRefusedByItself() {
    kafka.create("compacted", 1, Map.of("cleanup.policy", "compact")); // demands keys
    try (var publisher = publisher(kafka.cluster())) {
      assertThat(publisher.publish("compacted", List.of(sized(10))))
          .singleElement()
          .isInstanceOf(Refused.class);
    }
  }

  @Test
  void aMissingTopic_isWaitedFor_inBoundedTime() {
    try (var publisher = publisher(kafka.cluster(), HALF_A_SECOND)) {
      long start = System.nanoTime();
      List<Fate> fates = publisher.publish("created-later", Collections.nCopies(200, sized(1)));
      // Half a second for each of them would be 100 s.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(50));
      assertThat(fates).hasSize(200).allMatch(fate -> fate instanceof NotNow);
      Eventually.holds(
          "it is explained", // Kafka may be too slow at first even to say that
          () ->
              publisher
                  .publish("created-later", List.of(sized(1)))
                  .toString()
                  .matches(".*created-later.*does not exist.*"));

      kafka.create("created-later", 1);
      Eventually.holds(
          "it is taken",
          () ->
              publisher.publish("created-later", List.of(sized(1))).getFirst()
                  instanceof Acknowledged);
    }
  }

  @Test
  void anInvalidTopicName_parksNothing() {
    try (var publisher = publisher(kafka.cluster(), HALF_A_SECOND)) {
      assertThat(publisher.publish("no such topic", List.of(sized(1))))
          .singleElement()
          .isInstanceOf(NotNow.class);
    }
  }

  @Test
  void anUnreachableKafka_isTriedInBoundedTime() {
    KafkaClusterSettings nobody = KafkaBench.cluster("127.0.0.1:" + FreePorts.any());
    try (var publisher = publisher(nobody, HALF_A_SECOND)) {
      long start = System.nanoTime();
      List<Fate> fates = publisher.publish("any", List.of(sized(1), sized(2), sized(3)));

      assertThat(fates).hasSize(3).allMatch(fate -> fate instanceof NotNow);
      assertThat(fates.getFirst().toString()).contains("does not answer");
      // By its defaults, Kafka's client would try each of them for a minute.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(50));
    }
  }

  @Test
  void aHostWithoutAddress_isNoReasonToThrow() {
    try (var publisher = publisher(KafkaBench.cluster("no-such-host.invalid:9092"))) {
      assertThat(publisher.publish("any", List.of(sized(1))).toString())
          .contains("NotNow", "can be resolved");
    }
  }

  @Test
  void aClosedPublisher_takesNothing() {
    kafka.create("closed-publisher", 1);
    var publisher = publisher(kafka.cluster());
    publisher.publish("closed-publisher", List.of(sized(1)));
    publisher.close();
    publisher.close();

    assertThat(publisher.publish("closed-publisher", List.of(sized(1))))
        .singleElement()
        .isInstanceOf(NotNow.class);
  }

  /** As for a Kafka that answers, soon or late. */
  private static KafkaPublisher publisher(KafkaClusterSettings cluster) {
    return publisher(cluster, Duration.ofMinutes(1));
  }

  private static KafkaPublisher publisher(KafkaClusterSettings cluster, Duration sendTimeout) {
    var topic = TopicSettings.of("dead", cluster, Use.PRODUCE_ONLY);
    return new KafkaPublisher(
        new KafkaSettings(List.of(topic), topic, topic, "long", false, 1, sendTimeout, MAX_MESSAGE),
        new HostClock(IntakeBench.TIME));
  }

  private static OutgoingRecord sized(int bytes) {
    return new OutgoingRecord(new byte[bytes], Map.of(), null, Delivery.AT_LEAST_ONCE);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
