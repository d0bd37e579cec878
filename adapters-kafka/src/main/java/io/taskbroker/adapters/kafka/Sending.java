package io.taskbroker.adapters.kafka;

import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Records that were handed to a producer together, and what became of each. */
final class Sending {
  private static final Outcome WRITTEN = new Outcome.Written();
  private static final Outcome UNANSWERED = new Outcome.Unanswered();

  private final List<CompletableFuture<Outcome>> answers;

  /** What became of one record. */
  sealed interface Outcome {
    /** Kafka has acknowledged it. */
    record Written() implements Outcome {}

    /** The producer never had it: it was refused while it was handed over. */
    record NotHandedOver(Throwable failure) implements Outcome {}

    /** The producer had it, and gave it up. */
    record Failed(Throwable failure) implements Outcome {}

    /** The producer still has it. */
    record Unanswered() implements Outcome {}
  }

  private Sending(List<CompletableFuture<Outcome>> answers) {
    this.answers = answers;
  }

  /** Hands over records until one cannot be: each further one would wait as long, and in vain. */
  static Sending of(Producer<byte[], byte[]> producer, String topic, List<OutgoingRecord> records) {
    List<CompletableFuture<Outcome>> answers = new ArrayList<>(records.size());
    Outcome hindered = WRITTEN;
    for (OutgoingRecord record : records) {
      CompletableFuture<Outcome> answer =
          hindered instanceof Outcome.NotHandedOver
              ? CompletableFuture.completedFuture(hindered)
              : send(producer, topic, record);
      answers.add(answer);
      if (answer.getNow(WRITTEN) instanceof Outcome.NotHandedOver refused
          && !PublishFailures.concernsOneRecord(refused.failure())) {
        hindered = refused;
      }
    }
    return new Sending(answers);
  }

  /** What became of each record, in order, after at most this long. */
  List<Outcome> await(Duration longest) {
    CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .completeOnTimeout(null, longest.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    return outcomes();
  }

  /** What has become of each record so far. */
  List<Outcome> outcomes() {
    return answers.stream().map(answer -> answer.getNow(UNANSWERED)).toList();
  }

  private static CompletableFuture<Outcome> send(
      Producer<byte[], byte[]> producer, String topic, OutgoingRecord record) {
    var answer = new CompletableFuture<Outcome>();
    Thread caller = Thread.currentThread();
    try {
      int partitions = producer.partitionsFor(topic).size();
      Future<?> _ = // the callback tells the same, and sooner
          producer.send(
              kafkaRecord(topic, partitions, record),
              (_, failure) -> answer.complete(outcome(failure, caller)));
    } catch (RuntimeException e) { // no metadata, or closed meanwhile
      answer.complete(new Outcome.NotHandedOver(e));
    }
    return answer;
  }

  /** The client tells of records that it had on a thread of its own, and of others at once. */
  private static Outcome outcome(@Nullable Exception failure, Thread caller) {
    if (failure == null) {
      return WRITTEN;
    }
    return Thread.currentThread() == caller
        ? new Outcome.NotHandedOver(failure)
        : new Outcome.Failed(failure);
  }

  private static ProducerRecord<byte[], byte[]> kafkaRecord(
      String topic, int partitions, OutgoingRecord record) {
    var kafkaRecord =
        new ProducerRecord<byte[], byte[]>(
            topic, partition(record.partitionKey(), partitions), null, record.value());
    record.headers().forEach(kafkaRecord.headers()::add);
    return kafkaRecord;
  }

  /** Kafka's own choice for a record with this key; null lets the client spread. */
  private static @Nullable Integer partition(@Nullable String key, int partitions) {
    return key == null
        ? null
        : Utils.toPositive(Utils.murmur2(key.getBytes(StandardCharsets.UTF_8))) % partitions;
  }
}
