package io.taskbroker.adapters.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.letters.DeadLetterTopic.Hand;
import io.taskbroker.application.letters.DeadLetterTopic.Handling;
import io.taskbroker.application.letters.DeadLetterTopic.Resent;
import io.taskbroker.application.letters.LetterException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.jspecify.annotations.Nullable;

/**
 * Sends records and marks together, each time in one transaction. Used by one thread at a time;
 * after a failure whose end is not known it does nothing more.
 */
final class LetterHand implements Hand {
  private static final byte[] DROPPED = "dropped".getBytes(UTF_8);
  private static final byte[] REQUEUED = "requeued".getBytes(UTF_8);

  private final Producer<byte[], byte[]> producer;
  private final String marks;
  private final String identity;
  private final Function<KafkaException, LetterException> inWords;
  private final AtomicReference<@Nullable Runnable> laidDown;

  /**
   * @param producer whose transactions have been taken over
   * @param marks topic of the marks
   * @param identity of the topic with the letters
   * @param laidDown called once, when the hand is closed
   */
  LetterHand(
      Producer<byte[], byte[]> producer,
      String marks,
      String identity,
      Function<KafkaException, LetterException> inWords,
      Runnable laidDown) {
    this.producer = producer;
    this.marks = marks;
    this.identity = identity;
    this.inWords = inWords;
    this.laidDown = new AtomicReference<>(laidDown);
  }

  @Override
  public void handle(List<Handling> some, String note) {
    try {
      producer.beginTransaction();
      KafkaException refused = send(some, note);
      if (refused != null) {
        producer.abortTransaction();
        throw new LetterException.Refused(
            String.valueOf(KafkaFailure.cause(refused).getMessage()), refused);
      }
      producer.commitTransaction();
    } catch (KafkaException e) {
      throw inWords(e);
    }
  }

  private LetterException inWords(KafkaException e) {
    return e instanceof ProducerFencedException
            || e instanceof InvalidProducerEpochException
            || e.getCause() instanceof ProducerFencedException
        ? new LetterException.TakenOver(e)
        : inWords.apply(e);
  }

  /**
   * Removes marks.
   *
   * @param keys of at most {@link LetterMarks#MOST_FORGOTTEN}
   * @throws LetterException.TakenOver if somebody else has taken the topic
   * @throws LetterException.Unavailable if nobody knows whether they are removed; they say nothing
   *     anyway
   */
  void forget(List<byte[]> keys) {
    if (keys.isEmpty()) {
      return;
    }
    try {
      producer.beginTransaction();
      for (byte[] key : keys) {
        var _ = producer.send(new ProducerRecord<>(marks, key, null)); // the commit tells of it
      }
      producer.commitTransaction();
    } catch (KafkaException e) {
      throw inWords(e);
    }
  }

  /** Why a record is refused for itself; null if none is. */
  private @Nullable KafkaException send(List<Handling> some, String note) {
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try {
      for (Handling one : some) {
        Resent again = one.again();
        if (again != null) {
          sent.add(producer.send(record(again)));
        }
        byte[] key = LetterMarks.key(identity, one.at());
        sent.add(
            producer.send(new ProducerRecord<>(marks, key, again == null ? DROPPED : REQUEUED)));
      }
      byte[] key = LetterMarks.NOTE.getBytes(UTF_8);
      sent.add(producer.send(new ProducerRecord<>(marks, key, note.getBytes(UTF_8))));
      producer.flush();
    } catch (KafkaException e) {
      return refusedOrThrown(e);
    }
    for (Future<RecordMetadata> one : sent) {
      if (one.state() == Future.State.FAILED) {
        Throwable failure = KafkaFailure.cause(one.exceptionNow());
        KafkaException known =
            failure instanceof KafkaException own ? own : new KafkaException(failure);
        return refusedOrThrown(known);
      }
    }
    return null;
  }

  private static KafkaException refusedOrThrown(KafkaException e) {
    if (PublishFailures.concernsOneRecord(e)) {
      return e;
    }
    throw e;
  }

  private static ProducerRecord<byte[], byte[]> record(Resent again) {
    ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(again.topic(), again.value());
    again.headers().forEach(header -> record.headers().add(header.name(), header.value()));
    return record;
  }

  /** What is not committed comes to nothing. */
  @Override
  public void close() {
    producer.close(Duration.ZERO);
    Runnable once = laidDown.getAndSet(null);
    if (once != null) {
      once.run();
    }
  }
}
