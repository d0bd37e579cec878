package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.operations.PartitionSight;
import io.taskbroker.application.operations.TopicSight;
import io.taskbroker.embeddedkafka.EmbeddedKafka;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.NodeSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(SharedKafka.class)
class KafkaSightsTest {
  /** An unreachable cluster takes all of it. */
  private static final Duration SOON = Duration.ofSeconds(2);

  /** A busy machine is given this time to answer. */
  private static final Duration PATIENT = Duration.ofMinutes(1);

  private final KafkaBench kafka;
  @TempDir private Path folder;

  KafkaSightsTest(KafkaBench kafka) {
    this.kafka = kafka;
  }

  private static List<TopicSight> look(Duration patience, KafkaTopicSettings... topics) {
    try (KafkaSights sights = sights(patience, topics)) {
      return sights.look();
    }
  }

  private static KafkaSights sights(Duration patience, KafkaTopicSettings... topics) {
    return new KafkaSights(
        new KafkaSettings(
            List.of(topics),
            topics[0],
            topics[0],
            "long",
            false,
            1,
            Duration.ofMillis(500),
            5_000_000),
        patience);
  }

  @Test
  void aTopicThatIsRead_isSeenWithItsEnds_itsGroup_andWhoReadsIt() {
    kafka.create("seen", 2);
    kafka.produce("seen", 2, 3);
    try (IntakeBench broker = IntakeBench.start(kafka.consumed("seen"));
        KafkaSights sights = sights(PATIENT, kafka.consumed("seen"))) {
      broker.awaitRows(6);
      Eventually.holds(
          "both are committed",
          () ->
              sights.look().getFirst().partitions().stream()
                  .allMatch(one -> Long.valueOf(3).equals(one.committed())));

      TopicSight topic = sights.look().getFirst();
      assertThat(topic.trouble()).isNull();
      assertThat(topic.use()).isEqualTo(TopicSight.Use.READ);
      assertThat(topic.group()).isEqualTo("seen-group");
      assertThat(topic.partitions())
          .hasSize(2)
          .allSatisfy(
              one -> {
                assertThat(one.first()).isZero();
                assertThat(one.end()).isEqualTo(3);
                assertThat(one.leader()).startsWith("node ");
                assertThat(one.owner()).contains("consumer-seen-group", " at 127.0.0.1");
              });
    }
  }

  @Test
  void aTopicThatIsOnlyWritten_hasNoGroup_andOneThatNobodyReadsYetNoPosition() {
    kafka.create("written", 1);
    kafka.create("unread", 1);
    kafka.produce("written", 1, 2);

    List<TopicSight> seen =
        look(
            PATIENT,
            TopicSettings.of("written", kafka.cluster(), Use.PRODUCE_ONLY),
            TopicSettings.of("unread", kafka.cluster(), Use.CONSUMER_DISABLED));

    assertThat(seen.getFirst().group()).isNull();
    assertThat(seen.getFirst().partitions().getFirst().end()).isEqualTo(2);
    assertThat(seen.getLast().trouble()).isNull();
    assertThat(seen.getLast().use()).isEqualTo(TopicSight.Use.LEFT_ALONE);
    PartitionSight unread = seen.getLast().partitions().getFirst();
    assertThat(unread.committed()).isNull();
    assertThat(unread.owner()).isNull();
  }

  @Test
  void whatIsNotKnown_saysWhy_andKeepsNothingElseFromBeingSeen() {
    kafka.create("seen-beside", 1);
    KafkaClusterSettings dead = KafkaBench.cluster("127.0.0.1:" + FreePorts.any());
    KafkaClusterSettings nowhere = KafkaBench.cluster("no-such-host.invalid:9092");

    List<TopicSight> seen =
        look(
            SOON,
            KafkaBench.consumed("unreachable", dead),
            KafkaBench.consumed("nowhere", nowhere));

    assertThat(seen)
        .extracting(TopicSight::trouble)
        .satisfiesExactly(
            away -> assertThat(away).contains("does not answer"),
            unresolved -> assertThat(unresolved).contains("can be resolved"));
    List<TopicSight> beside =
        look(PATIENT, kafka.consumed("not-there"), kafka.consumed("seen-beside"));
    assertThat(beside.getFirst().trouble()).contains("topic 'not-there' does not exist at");
    assertThat(beside.getLast().partitions()).hasSize(1);
  }

  @Test
  void aPartitionWithoutALeader_isSeen_andItsNeighbourWithItsEnd() {
    NodeSettings first = NodeSettings.in(folder.resolve("1"));
    NodeSettings second = NodeSettings.in(folder.resolve("2"));
    try (EmbeddedKafka _ = EmbeddedKafka.start(first);
        var bench = new KafkaBench(first.address());
        KafkaSights sights = sights(PATIENT, bench.consumed("half"))) {
      bench.createGroups();
      try (EmbeddedKafka _ = EmbeddedKafka.join(first, second, Map.of())) {
        bench.create("half", Map.of(0, List.of(1), 1, List.of(2)));
        bench.produce("half", 1, 2);
        assertThat(sights.look().getFirst().partitions())
            .allSatisfy(one -> assertThat(one.leader()).isNotNull());
      }
      Eventually.holds(
          "it is seen that nobody leads it",
          () -> sights.look().getFirst().partitions().getLast().leader() == null);

      TopicSight topic = sights.look().getFirst();
      assertThat(topic.partitions().getFirst().end()).isEqualTo(2);
      assertThat(topic.partitions().getLast().end()).isNull();
    }
  }
}
