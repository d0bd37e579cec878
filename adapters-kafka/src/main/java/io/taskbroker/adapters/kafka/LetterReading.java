package io.taskbroker.adapters.kafka;

import static java.util.Objects.requireNonNull;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.intake.SourceRecord.Header;
import io.taskbroker.application.letters.DeadLetterTopic.Reading;
import io.taskbroker.domain.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Reads one topic from wherever it is told to. What the client has fetched ahead is used as long as
 * each call begins where the last has ended. Used by one thread at a time.
 */
final class LetterReading implements Reading {
  private final String topic;
  private final Consumer<byte[], byte[]> consumer;
  private final Function<KafkaException, RuntimeException> inWords;
  private @Nullable TopicPartition at;
  private long position;

  LetterReading(
      String topic,
      Consumer<byte[], byte[]> consumer,
      Function<KafkaException, RuntimeException> inWords) {
    this.topic = topic;
    this.consumer = consumer;
    this.inWords = inWords;
  }

  @Override
  public List<SourceRecord> read(int partition, long from, long to) {
    try {
      seek(new TopicPartition(topic, partition), from);
      return records(to);
    } catch (KafkaException e) {
      at = null;
      throw inWords.apply(e);
    }
  }

  private void seek(TopicPartition wanted, long from) {
    if (wanted.equals(at) && from == position) {
      return;
    }
    consumer.assign(List.of(wanted));
    consumer.seek(wanted, from);
    at = wanted;
    position = from;
  }

  /** What is found before {@code to}; the consumer may pass over what is no record. */
  private List<SourceRecord> records(long to) {
    int inVain = 0;
    List<SourceRecord> found = new ArrayList<>();
    while (found.isEmpty() && position < to) {
      var polled = consumer.poll(KafkaDeadLetters.POLL);
      for (ConsumerRecord<byte[], byte[]> record : polled) {
        if (record.offset() < to) {
          found.add(record(record));
        }
      }
      long now = consumer.position(requireNonNull(at));
      inVain = now > position ? 0 : inVain + 1;
      position = now;
      if (found.isEmpty() && inVain == KafkaDeadLetters.MOST_POLLS) {
        throw new TimeoutException("no records came");
      }
    }
    if (!found.isEmpty() && found.getLast().offset() + 1 < position && position > to) {
      at = null; // some were cut off: whoever goes on there begins anew
    }
    return found;
  }

  private SourceRecord record(ConsumerRecord<byte[], byte[]> record) {
    List<Header> headers = new ArrayList<>();
    record.headers().forEach(header -> headers.add(new Header(header.key(), header.value())));
    return new SourceRecord(
        new Partition(topic, record.partition()),
        record.offset(),
        record.timestamp(),
        record.value(),
        headers);
  }

  @Override
  public void close() {
    consumer.close(CloseOptions.timeout(KafkaDeadLetters.CLOSING));
  }
}
