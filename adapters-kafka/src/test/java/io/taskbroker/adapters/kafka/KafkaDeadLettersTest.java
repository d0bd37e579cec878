package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterTopic;
import io.taskbroker.testkit.topics.DeadLetterTopicContract;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SharedKafka.class)
class KafkaDeadLettersTest extends DeadLetterTopicContract {
  /** Of one call, on a machine that may stand still meanwhile. */
  static final Duration PATIENCE = Duration.ofMinutes(1);

  private final KafkaBench bench;
  private final String letters = "letters-" + UUID.randomUUID();
  private final String target = "target-" + UUID.randomUUID();

  KafkaDeadLettersTest(KafkaBench bench) {
    this.bench = bench;
  }

  @BeforeEach
  void create() {
    bench.create(letters, 2);
    bench.create(target, 1);
  }

  /** However small a batch is, its records may fill the heap once they are unpacked. */
  @Test
  void lettersOfOneBatch_areReadFewAtATime() {
    bench.produceCompressed(letters, 100, "gzip");
    try (DeadLetterTopic topic = open();
        DeadLetterTopic.Reading reading = topic.reading()) {
      long next = 0;
      while (next < 100) {
        List<SourceRecord> some = reading.read(0, next, 100);
        assertThat(some).isNotEmpty().hasSizeLessThanOrEqualTo(16);
        next = some.getLast().offset() + 1;
      }
    }
  }

  static KafkaSettings settings(KafkaClusterSettings cluster, String letters, String retries) {
    KafkaTopicSettings topic = TopicSettings.of(letters, cluster, Use.PRODUCE_ONLY);
    return new KafkaSettings(
        List.of(topic),
        topic,
        TopicSettings.of(retries, cluster, Use.CONSUMED),
        "long",
        false,
        1,
        Duration.ofSeconds(5),
        1_000_000);
  }

  @Override
  protected DeadLetterTopic open() {
    return new KafkaDeadLetters(settings(bench.cluster(), letters, target), PATIENCE);
  }

  @Override
  protected void append(int partition, String text, Header... headers) {
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(letters, partition, null, text.getBytes(UTF_8));
    for (Header header : headers) {
      record.headers().add(header.name(), header.value());
    }
    bench.produce(record);
  }

  @Override
  protected List<String> sent() {
    return bench.readCommitted(target).stream()
        .map(record -> new String(record.value(), UTF_8))
        .toList();
  }

  @Override
  protected String target() {
    return target;
  }
}
