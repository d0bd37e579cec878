package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.testkit.log.CapturedLog;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where reading begins and goes on, and what is committed of it. */
@ExtendWith(SharedKafka.class)
class StartingPointsTest {
  private final KafkaBench kafka;

  StartingPointsTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  @ParameterizedTest
  @EnumSource(names = {"EARLIEST", "LATEST"})
  void anAddedPartition_isReadSoon_andFromItsBeginning(OffsetReset reset) {
    String topic = "added-" + reset.name().toLowerCase(java.util.Locale.ROOT);
    kafka.create(topic, 1);
    try (var broker = IntakeBench.start(TopicSettings.with(kafka.consumed(topic), reset))) {
      awaitCommitted(topic, Map.of(0, 0L));
      kafka.addPartitions(topic, 2);
      kafka.produce(topic, 2, 20);

      broker.awaitRows(40);

      assertThat(broker.store.offsets().get(1)).first().isEqualTo(0L);
      awaitCommitted(topic, Map.of(0, 20L, 1, 20L));
    }
  }

  @Test
  void aNewGroupThatBeginsAtTheEnd_skipsTheBacklogOnce_alsoWhereNothingCameBeforeARestart() {
    kafka.create("end", 2);
    kafka.produce("end", 2, 10);
    KafkaTopicSettings topic = TopicSettings.with(kafka.consumed("end"), OffsetReset.LATEST);
    try (var _ = IntakeBench.start(topic)) {
      awaitCommitted("end", Map.of(0, 10L, 1, 10L));
    }
    kafka.produce("end", 2, 3);
    try (var broker = IntakeBench.start(topic)) {
      broker.awaitRows(6);

      assertThat(broker.store.offsets())
          .isEqualTo(Map.of(0, List.of(10L, 11L, 12L), 1, List.of(10L, 11L, 12L)));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"EARLIEST", "LATEST"})
  void whatRetentionDeleted_isSkipped_andSaid(OffsetReset reset) {
    String topic = "retention-" + reset.name().toLowerCase(java.util.Locale.ROOT);
    kafka.create(topic, 1);
    kafka.produce(topic, 1, 100);
    kafka.setBack(topic, 0, 10);
    kafka.deleteBefore(topic, 60);
    try (var log = new CapturedLog("taskbroker::kafka::consumer");
        var broker = IntakeBench.start(TopicSettings.with(kafka.consumed(topic), reset))) {
      broker.awaitRows(40);

      assertThat(broker.store.offsets().get(0)).first().isEqualTo(60L);
      assertThat(log.lines())
          .filteredOn(line -> line.contains("has deleted records of " + topic + "-0"))
          .singleElement()
          .asString()
          .contains("stood at offset 10", "begins at 60", "50 offsets are lost");
      assertThat(broker.deleted).hasValue(50);
      awaitCommitted(topic, Map.of(0, 100L));
    }
  }

  @Test
  void aPositionThatDoesNotExist_isNotReplaced_whereTheOperatorWantsToKnow() {
    kafka.create("strict", 1);
    kafka.produce("strict", 1, 100);
    kafka.setBack("strict", 0, 10);
    kafka.deleteBefore("strict", 60);
    try (var broker =
        IntakeBench.start(TopicSettings.with(kafka.consumed("strict"), OffsetReset.NONE))) {
      Eventually.holds("it is explained", () -> broker.stall().contains("no valid position"));
      assertThat(broker.store.size()).isZero();
      assertThat(kafka.committed("strict")).isEqualTo(Map.of(0, 10L));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void aTopicThatIsCreatedAnew_withMoreThanWasRead_isReadAsAWhole(int partitions) {
    String topic = "regrown-" + partitions;
    kafka.create(topic, 2);
    kafka.produce(topic, 2, 20);
    try (var broker = IntakeBench.start(kafka.consumed(topic))) {
      broker.awaitRows(40);
      awaitCommitted(topic, Map.of(0, 20L, 1, 20L));

      kafka.delete(topic);
      kafka.create(topic, partitions);
      kafka.produce(topic, partitions, 50);

      broker.awaitRows(40 + 50 * partitions);
      Eventually.holds(
          "the new topic is committed",
          () -> kafka.committed(topic).getOrDefault(partitions - 1, 0L) == 50L);
      assertThat(broker.crashes).isEmpty();
    }
  }

  @Test
  void behindWhatAProducerTookBack_nothingStaysOpen() {
    kafka.create("tail", 1);
    kafka.produce("tail", 1, 1);
    try (var broker = IntakeBench.start(kafka.consumed("tail"))) {
      broker.awaitRows(1);
      kafka.produceInTransaction("tail", 100, KafkaProducer::abortTransaction);

      awaitCommitted("tail", Map.of(0, 102L)); // 1 task, 100 taken back, 1 marker
      assertThat(broker.store.size()).isEqualTo(1);
    }
  }

  @Test
  void whatCompactionLeavesOut_doesNotStayOpen() {
    kafka.create("only-markers", 1);
    try (var broker = IntakeBench.start(kafka.consumed("only-markers"))) {
      kafka.produceInTransaction("only-markers", 3, KafkaProducer::abortTransaction);
      kafka.produceInTransaction("only-markers", 2, KafkaProducer::commitTransaction);

      broker.awaitRows(2);
      awaitCommitted("only-markers", Map.of(0, 7L));
    }
  }

  private void awaitCommitted(String topic, Map<Integer, Long> positions) {
    Eventually.holds(
        "%s is committed up to %s".formatted(topic, positions),
        () -> kafka.committed(topic).equals(positions));
  }
}
