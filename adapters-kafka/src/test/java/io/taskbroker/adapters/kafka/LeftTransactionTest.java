package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.letters.DeadLetterTopic.Hand;
import io.taskbroker.application.letters.DeadLetterTopic.Handling;
import io.taskbroker.application.letters.DeadLetterTopic.Resent;
import io.taskbroker.application.letters.LetterException;
import io.taskbroker.application.letters.LetterPosition;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Dead letters, and what a broker leaves behind that is killed or refused in the middle. */
@ExtendWith(SharedKafka.class)
class LeftTransactionTest {
  private static final LetterPosition AT = new LetterPosition(0, 0);

  private final KafkaBench bench;
  private final String letters = "letters-" + UUID.randomUUID();
  private final String target = "target-" + UUID.randomUUID();
  private final KafkaSettings settings;

  LeftTransactionTest(KafkaBench bench) {
    this.bench = bench;
    this.settings = KafkaDeadLettersTest.settings(bench.cluster(), letters, target);
    bench.create(letters, 1);
    bench.create(target, 1);
    bench.produce(letters, 1, 1);
  }

  private KafkaDeadLetters topic() {
    return new KafkaDeadLetters(settings, KafkaDeadLettersTest.PATIENCE);
  }

  private Handling again(String text) {
    return new Handling(AT, new Resent(target, text.getBytes(UTF_8), List.of()));
  }

  private List<String> sent() {
    return bench.readCommitted(target).stream()
        .map(record -> new String(record.value(), UTF_8))
        .toList();
  }

  @Test
  void whatAKilledBrokerHasSent_andNotCommitted_comesToNothing() {
    try (var topic = topic()) {
      topic.take().close(); // the topic of the marks is there
      KafkaProducer<byte[], byte[]> killed =
          new KafkaProducer<>(
              KafkaDeadLetters.transactions(settings, KafkaDeadLettersTest.PATIENCE));
      killed.initTransactions();
      killed.beginTransaction();
      var _ = killed.send(new ProducerRecord<>(target, "half".getBytes(UTF_8)));
      String identity = topic.extent().identity();
      var _ =
          killed.send(
              new ProducerRecord<>(
                  letters + "-handled", LetterMarks.key(identity, AT), new byte[1]));
      killed.flush(); // both are in Kafka, and their end is open

      try (Hand hand = topic.take()) {
        assertThat(topic.marks().contains(AT)).isFalse();
        hand.handle(List.of(again("whole")), "note");
      }
      Eventually.holds("the mark is there", () -> topic.marks().contains(AT));
      assertThat(sent()).containsExactly("whole");
      assertThatThrownBy(killed::commitTransaction).isInstanceOf(RuntimeException.class);
      killed.close(Duration.ZERO);
      assertThat(sent()).containsExactly("whole");
    }
  }

  @Test
  void aRecordThatKafkaNeverTakes_isRefused_andTheOthersCanGoOn() {
    try (var topic = topic();
        Hand hand = topic.take()) {
      assertThatThrownBy(() -> hand.handle(List.of(again("x".repeat(2_000_000))), "note"))
          .isInstanceOf(LetterException.Refused.class);
      assertThat(topic.marks().contains(AT)).isFalse();

      hand.handle(List.of(again("small")), "note");

      Eventually.holds("the mark is there", () -> topic.marks().contains(AT));
      assertThat(sent()).containsExactly("small");
    }
  }

  @Test
  void marksOfATopicThatWasCreatedAnew_countForNothing() {
    try (var topic = topic()) {
      try (Hand hand = topic.take()) {
        hand.handle(List.of(new Handling(AT, null)), "note");
      }
      Eventually.holds("the mark is there", () -> topic.marks().contains(AT));
      bench.delete(letters);
      Eventually.holds("it is gone", () -> !bench.exist(letters));
      bench.create(letters, 1);

      Eventually.holds("its marks are gone", () -> !topic.marks().contains(AT));
    }
  }
}
