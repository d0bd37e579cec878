package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.application.letters.DeadLetterTopic;
import io.taskbroker.application.letters.DeadLetterTopic.Handling;
import io.taskbroker.application.letters.LetterPosition;
import io.taskbroker.testkit.log.CapturedLog;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Marks of dead letters that Kafka has deleted. */
@ExtendWith(SharedKafka.class)
class ForgottenMarksTest {
  private final KafkaBench bench;
  private final String letters = "letters-" + UUID.randomUUID();

  ForgottenMarksTest(KafkaBench bench) {
    this.bench = bench;
  }

  private DeadLetterTopic open() {
    return new KafkaDeadLetters(KafkaDeadLettersTest.settings(bench.cluster(), letters, letters));
  }

  private void produce(int records) {
    for (int i = 0; i < records; i++) {
      bench.produce(new ProducerRecord<>(letters, 0, null, ("letter " + i).getBytes(UTF_8)));
    }
  }

  private static void drop(DeadLetterTopic topic, int letters) {
    try (var hand = topic.take()) {
      hand.handle(
          IntStream.range(0, letters)
              .mapToObj(offset -> new Handling(new LetterPosition(0, offset), null))
              .toList(),
          "a note");
    }
  }

  /** The last part of each key whose latest record is a mark. */
  private List<String> marked() {
    Map<String, Boolean> latest = new TreeMap<>();
    bench
        .readCommitted(letters + "-handled")
        .forEach(record -> latest.put(new String(record.key(), UTF_8), record.value() != null));
    return latest.entrySet().stream()
        .filter(entry -> entry.getKey().contains(":") && entry.getValue())
        .map(entry -> entry.getKey().substring(entry.getKey().lastIndexOf(':') + 1))
        .toList();
  }

  /** Kafka shows a transaction some moments after it has acknowledged its end. */
  private void awaitMarked(String... offsets) {
    Eventually.holds(
        "marked are %s".formatted(List.of(offsets)), () -> marked().equals(List.of(offsets)));
  }

  private static void awaitMark(DeadLetterTopic topic, long offset) {
    Eventually.holds(
        "marked is " + offset, () -> topic.marks().contains(new LetterPosition(0, offset)));
  }

  @Test
  void whoTakesTheTopic_removesTheMarksOfLettersThatKafkaHasDeleted() {
    bench.create(letters, 1);
    produce(4);
    try (var topic = open()) {
      drop(topic, 4);
      awaitMarked("0", "1", "2", "3");
      bench.deleteBefore(letters, 3);

      topic.take().close();

      awaitMarked("3");
      assertThat(topic.marks().contains(new LetterPosition(0, 3))).isTrue();
      assertThat(topic.marks().contains(new LetterPosition(0, 0))).isFalse();
    }
  }

  @Test
  void marksThatCannotBeRemoved_holdNothingUp_andAreRemovedAnotherTime() {
    bench.create(letters, 1);
    produce(4);
    try (var topic = open()) {
      drop(topic, 3);
      awaitMark(topic, 2);
    }
    bench.deleteBefore(letters, 2);

    try (var log = new CapturedLog("taskbroker::dead_letters");
        var topic =
            new KafkaDeadLetters(
                KafkaDeadLettersTest.settings(bench.cluster(), letters, letters),
                KafkaDeadLettersTest.PATIENCE,
                RemovingNothing::new)) {
      try (var hand = topic.take()) {
        hand.handle(List.of(new Handling(new LetterPosition(0, 3), null)), "a note");
      }
      assertThat(log.lines()).anyMatch(line -> line.contains("are removed another time"));
      awaitMarked("0", "1", "2", "3");
    }
    try (var topic = open()) {
      topic.take().close();
      awaitMarked("2", "3");
    }
  }

  private static final class RemovingNothing extends KafkaProducer<byte[], byte[]> {
    RemovingNothing(Map<String, Object> properties) {
      super(properties);
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record) {
      if (record.value() == null) {
        throw new TimeoutException("Kafka has not answered");
      }
      return super.send(record);
    }
  }

  @Test
  void marksWhoseTopicIsDeleted_areForgotten() {
    bench.create(letters, 1);
    produce(4);
    try (var topic = open()) {
      drop(topic, 4);
      awaitMark(topic, 3);

      bench.delete(letters + "-handled");
      assertThat(topic.marks().contains(new LetterPosition(0, 3))).isFalse();
      assertThat(topic.marks().note()).isEmpty();

      drop(topic, 1);
      awaitMark(topic, 0);
      assertThat(topic.marks().contains(new LetterPosition(0, 3))).isFalse();
    }
  }

  @Test
  void marksOfADeletedTopicOfLetters_areRemovedHoweverManyThereAre() {
    bench.create(letters, 1);
    produce(1);
    try (var topic = open()) {
      int many = LetterMarks.MOST_FORGOTTEN + 2;
      drop(topic, many);
      awaitMark(topic, many - 1);
      bench.delete(letters);
      bench.create(letters, 1);
      produce(1);

      topic.take().close();

      awaitMarked();
    }
  }
}
