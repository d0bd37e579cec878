package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.adapters.kafka.unpack.Damages;
import io.taskbroker.adapters.kafka.unpack.PartitionEnds;
import io.taskbroker.adapters.kafka.unpack.PollBudget;
import io.taskbroker.adapters.kafka.unpack.Reader;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a membership counts as one that works. */
class GroupMemberTest {
  private static final KafkaTopicSettings TOPIC =
      TopicSettings.of(
          "tasks",
          new KafkaClusterSettings("default", "127.0.0.1:1", KafkaSecuritySettings.NONE),
          Use.CONSUMED);

  private static final TopicPartition ONLY = new TopicPartition("tasks", 0);

  private final SettableTime time = new SettableTime();
  private final Intake intake =
      IntakeBench.intake("tasks", IntakeBench::task, new MemoryIntakeStore(), new Stalls(time));
  private final AtomicReference<Uuid> id = new AtomicReference<>(Uuid.randomUuid());
  private CountingConsumer consumer = new CountingConsumer();
  private final GroupMember member =
      new GroupMember(TOPIC, new TopicIdentity(), reader(consumer, Map::of), 1, intake, time);

  private static Reader reader(CountingConsumer consumer, Supplier<Map<String, Uuid>> topicIds) {
    return new Reader(
        consumer,
        consumer.metrics(),
        new PollBudget(1),
        new PartitionEnds(),
        new Damages(),
        topicIds);
  }

  @AfterEach
  void close() {
    intake.close();
  }

  @Test
  void oneThatTheGroupHasGivenNothingYet_isNotSteady() {
    time.advance(Duration.ofHours(1));

    assertThat(member.isSteady()).isFalse();
  }

  /** Who may join need not be allowed to read, and is told so by the first fetch. */
  @Test
  void oneThatHasItsShare_isSteadyOnceAFetchHasHadTimeToFail() {
    member.onPartitionsAssigned(List.of());
    assertThat(member.isSteady()).isFalse();
    time.advance(Duration.ofSeconds(1));
    assertThat(member.isSteady()).isFalse();

    time.advance(Duration.ofMillis(1));

    assertThat(member.isSteady()).isTrue();
  }

  /** As Kafka's own client would go on reading in the middle of the new topic. */
  @Test
  void oneWhoseTopicWasCreatedAnew_setsItsGroupBackToTheBeginning() {
    GroupMember reading = readTo(20);

    id.set(Uuid.randomUuid());

    assertThatThrownBy(reading::turn).isInstanceOf(PartitionBeganAgainException.class);
    assertThat(consumer.setTo).isEqualTo(Map.of(ONLY, positionOf(0)));
  }

  /** What the new topic holds says nothing of the position in the former one. */
  @Test
  void whereATopicCreatedAnewIsShorter_orItsBeginningIsDeleted_nothingIsSkipped_andNoLossIsSaid() {
    for (long beginning : List.of(0L, 60L)) {
      GroupMember reading = readTo(20);

      id.set(Uuid.randomUuid());
      consumer.updateBeginningOffsets(Map.of(ONLY, beginning));
      consumer.updateEndOffsets(Map.of(ONLY, 70L));
      consumer.setPollException(
          beginning == 0
              ? new LogTruncationException(
                  "a new leader", Map.of(ONLY, 20L), Map.of(ONLY, new OffsetAndMetadata(5)))
              : new OffsetOutOfRangeException(Map.of(ONLY, 20L)));

      try (var log = new CapturedLog("taskbroker::kafka::consumer")) {
        assertThatThrownBy(reading::turn).isInstanceOf(PartitionBeganAgainException.class);
        assertThat(log.lines()).noneMatch(line -> line.contains("are lost"));
      }
      assertThat(consumer.setTo).isEqualTo(Map.of(ONLY, positionOf(beginning)));
      reading.abandon();
    }
  }

  /** As after the election of a leader that did not have all records. */
  @Test
  void whereATopicHasLostItsEnd_readingGoesOnThere_andNothingIsReadTwice() {
    GroupMember reading = readTo(20);
    consumer.committed = Map.of(ONLY, positionOf(20));
    consumer.rebalance(List.of(ONLY));
    consumer.seek(ONLY, 20);

    consumer.updateEndOffsets(Map.of(ONLY, 15L));
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(ONLY, 20L)));

    assertThatThrownBy(reading::turn).isInstanceOf(PartitionBeganAgainException.class);
    assertThat(consumer.setTo).isEqualTo(Map.of(ONLY, positionOf(15)));
  }

  /** A Kafka without ids in its fetches answers for a new topic while the client knows the old. */
  @Test
  void oneThatHasRead_leavesToTheNext_whichTopicThereIs() {
    GroupMember reading = readTo(20);
    consumer.committed = Map.of(ONLY, positionOf(20));
    consumer.rebalance(List.of(ONLY));
    consumer.seek(ONLY, 20);
    consumer.addRecord(new ConsumerRecord<>("tasks", 0, 20, new byte[0], new byte[1]));
    reading.turn();

    consumer.updateEndOffsets(Map.of(ONLY, 15L));
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(ONLY, 21L)));

    assertThatThrownBy(reading::turn).isInstanceOf(PartitionBeganAgainException.class);
    assertThat(consumer.setTo).isEmpty();
  }

  /** Our word is not beside it, so the position may be one of another topic. */
  @Test
  void whereAPositionOfAnotherProgramDoesNotExist_theTopicIsReadFromItsBeginning() {
    GroupMember reading = readTo(20);

    consumer.updateEndOffsets(Map.of(ONLY, 15L));
    consumer.setPollException(new OffsetOutOfRangeException(Map.of(ONLY, 20L)));

    assertThatThrownBy(reading::turn).isInstanceOf(PartitionBeganAgainException.class);
    assertThat(consumer.setTo).isEqualTo(Map.of(ONLY, positionOf(0)));
  }

  private OffsetAndMetadata positionOf(long position) {
    return new OffsetAndMetadata(position, id.get().toString());
  }

  /** A member that has read that far. */
  private GroupMember readTo(long position) {
    consumer = new CountingConsumer();
    consumer.updatePartitions(
        "tasks", List.of(new PartitionInfo("tasks", 0, null, new Node[0], new Node[0])));
    consumer.updateBeginningOffsets(Map.of(ONLY, 0L));
    consumer.committed = Map.of(ONLY, new OffsetAndMetadata(position));
    Reader reader = reader(consumer, () -> Map.of("tasks", id.get()));
    GroupMember reading = new GroupMember(TOPIC, new TopicIdentity(), reader, 1, intake, time);
    reading.turn();
    consumer.rebalance(List.of(ONLY));
    consumer.seek(ONLY, position);
    reading.turn();
    return reading;
  }

  @Test
  void aKafkaOfWhichNoNodeLeads_answersOnlyIfANodeSaysSo() {
    consumer.updatePartitions(
        "tasks", List.of(new PartitionInfo("tasks", 0, null, new Node[0], new Node[0])));
    assertThat(member.isAnswered()).isTrue();

    consumer.isAway = true;

    assertThat(member.isAnswered()).isFalse();
  }

  @Test
  void aKafkaOfWhichTheLeaderHasGone_answersIfAnotherNodeDoes() {
    Node leader = new Node(1, "127.0.0.1", 1);
    consumer.updatePartitions(
        "tasks", List.of(new PartitionInfo("tasks", 0, leader, new Node[0], new Node[0])));
    consumer.hasLostItsLeader = true;

    assertThat(member.isAnswered()).isTrue();
  }

  /** Nobody listens at its Kafka's address, so that each question would take its whole time. */
  @Test
  void oneThatIsMadeWhileTheBrokerStops_waitsForNothing() {
    var stop = new StopCall();
    stop.make();
    var late =
        GroupMember.create(TOPIC, new TopicIdentity(), IntakeBench.LIMITS, intake, time, stop);

    assertThatThrownBy(late::turn).isInstanceOf(WakeupException.class);
    late.leave();
  }

  /** Counts its bytes, as the real one does. */
  private static final class CountingConsumer extends MockConsumer<byte[], byte[]> {
    private static final MetricName BYTES =
        new MetricName("incoming-byte-total", "consumer-metrics", "", Map.of());

    private Map<TopicPartition, OffsetAndMetadata> committed = Map.of();
    private Map<TopicPartition, OffsetAndMetadata> setTo = Map.of();
    private boolean isAway;
    private boolean hasLostItsLeader;

    CountingConsumer() {
      super("earliest");
    }

    @Override
    public synchronized Map<TopicPartition, OffsetAndMetadata> committed(
        Set<TopicPartition> partitions, Duration patience) {
      return committed;
    }

    @Override
    public synchronized void commitSync(
        Map<TopicPartition, OffsetAndMetadata> offsets, Duration patience) {
      setTo = offsets;
    }

    @Override
    public synchronized Map<String, List<PartitionInfo>> listTopics(Duration patience) {
      if (isAway) {
        throw new TimeoutException("no node answers");
      }
      return super.listTopics(patience);
    }

    /** As the real one, which learns in vain attempts that there is no leader any more. */
    @Override
    public synchronized Map<TopicPartition, Long> beginningOffsets(
        Collection<TopicPartition> partitions, Duration patience) {
      if (hasLostItsLeader) {
        updatePartitions(
            "tasks", List.of(new PartitionInfo("tasks", 0, null, new Node[0], new Node[0])));
        throw new TimeoutException("its leader does not answer");
      }
      return super.beginningOffsets(partitions, patience);
    }

    @Override
    public synchronized Map<MetricName, ? extends Metric> metrics() {
      return Map.of(
          BYTES,
          new Metric() {
            @Override
            public MetricName metricName() {
              return BYTES;
            }

            @Override
            public Object metricValue() {
              return 0.0;
            }
          });
    }
  }
}
