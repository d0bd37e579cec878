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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
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

  private final SettableTime time = new SettableTime();
  private final Intake intake =
      IntakeBench.intake("tasks", IntakeBench::task, new MemoryIntakeStore(), new Stalls(time));
  private final GroupMember member =
      new GroupMember(TOPIC, new TopicIdentity(), reader(new CountingConsumer()), 1, intake, time);

  private static Reader reader(CountingConsumer consumer) {
    return new Reader(
        consumer,
        consumer.metrics(),
        new PollBudget(1),
        new PartitionEnds(),
        new Damages(),
        Map::of);
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
    var partition = new TopicPartition("tasks", 0);
    var consumer = new CountingConsumer();
    consumer.updatePartitions(
        "tasks", List.of(new PartitionInfo("tasks", 0, null, new Node[0], new Node[0])));
    consumer.updateBeginningOffsets(Map.of(partition, 0L));
    consumer.committed = Map.of(partition, new OffsetAndMetadata(20));
    var id = new AtomicReference<>(Uuid.randomUuid());
    var reader =
        new Reader(
            consumer,
            consumer.metrics(),
            new PollBudget(1),
            new PartitionEnds(),
            new Damages(),
            () -> Map.of("tasks", id.get()));
    var reading = new GroupMember(TOPIC, new TopicIdentity(), reader, 1, intake, time);
    reading.turn();
    consumer.rebalance(List.of(partition));
    consumer.seek(partition, 20);
    reading.turn();

    id.set(Uuid.randomUuid());

    assertThatThrownBy(reading::turn).isInstanceOf(PartitionBeganAgainException.class);
    assertThat(consumer.setTo).isEqualTo(Map.of(partition, new OffsetAndMetadata(0)));
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
