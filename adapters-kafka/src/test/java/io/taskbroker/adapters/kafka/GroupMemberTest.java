package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.adapters.kafka.unpack.PartitionEnds;
import io.taskbroker.adapters.kafka.unpack.PollBudget;
import io.taskbroker.adapters.kafka.unpack.Reader;
import io.taskbroker.application.Stalls;
import io.taskbroker.application.intake.Intake;
import io.taskbroker.testkit.SettableTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a membership counts as one that works. */
class GroupMemberTest {
  private static final KafkaTopicSettings TOPIC =
      new KafkaTopicSettings(
          "tasks",
          new KafkaClusterSettings("default", "127.0.0.1:1", KafkaSecuritySettings.NONE),
          "group",
          Use.CONSUMED,
          Duration.ofSeconds(6),
          Duration.ofSeconds(5),
          OffsetReset.EARLIEST);

  private final SettableTime time = new SettableTime();
  private final Intake intake =
      IntakeBench.intake("tasks", IntakeBench::task, new MemoryIntakeStore(), new Stalls(time));
  private final GroupMember member =
      new GroupMember(TOPIC, new TopicIdentity(), reader(new CountingConsumer()), 1, intake, time);

  private static Reader reader(CountingConsumer consumer) {
    return new Reader(
        consumer, consumer.metrics(), new PollBudget(1), new PartitionEnds(), Map::of);
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

  /** Counts its bytes, as the real one does. */
  private static final class CountingConsumer extends MockConsumer<byte[], byte[]> {
    private static final MetricName BYTES =
        new MetricName("incoming-byte-total", "consumer-metrics", "", Map.of());

    CountingConsumer() {
      super("earliest");
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
