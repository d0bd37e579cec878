package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Partition;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** From which partitions more is fetched while some of it waits in memory. */
class PausesTest {
  private static final TopicPartition ZERO = new TopicPartition("tasks", 0);
  private static final TopicPartition ONE = new TopicPartition("tasks", 1);
  private static final TopicPartition TWO = new TopicPartition("tasks", 2);

  /** Sixty bytes of each of the first two partitions wait until they are read up to offset 5. */
  private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");

  private final Pauses pauses =
      new Pauses(consumer, (partition, position) -> partition < 2 && position < 5 ? 60 : 0, 100);

  @BeforeEach
  void assign() {
    consumer.assign(List.of(ZERO, ONE, TWO));
  }

  @Test
  void whileEnoughWaits_nothingIsFetchedFromTheOthers() {
    pauses.goOn(Map.of(), Set.of());

    assertThat(consumer.paused()).isEqualTo(Set.of(TWO));
  }

  @Test
  void onceItIsRead_allAreFetchedFromAgain() {
    pauses.goOn(Map.of(), Set.of());

    pauses.goOn(Map.of(new Partition("tasks", 0), 5L), Set.of());

    assertThat(consumer.paused()).isEmpty();
  }

  @Test
  void aHold_isForAll_andEnds() {
    pauses.holdAll();
    assertThat(consumer.paused()).isEqualTo(Set.of(ZERO, ONE, TWO));

    pauses.goOn(Map.of(new Partition("tasks", 1), 7L), Set.of());

    assertThat(consumer.paused()).isEmpty();
  }
}
