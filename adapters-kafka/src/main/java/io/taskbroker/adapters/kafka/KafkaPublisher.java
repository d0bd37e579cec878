package io.taskbroker.adapters.kafka;

import io.taskbroker.application.upkeep.Publisher;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes with one producer, which is opened when it is first needed.
 *
 * <p>A fate is {@link Fate.Never} only where the record itself is at fault: too large, or refused
 * by Kafka's validation of records. Whatever is wrong with the topic, its permissions or the way to
 * Kafka can be mended while the record waits, so it is {@link Fate.NotNow}. That includes an
 * invalid topic name: one typo would otherwise park every record of its lane.
 */
public final class KafkaPublisher implements Publisher, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::producer");

  /** A record that Kafka has not confirmed by then is not published now. */
  private static final Duration DELIVERY = Duration.ofSeconds(15);

  /** The client keeps its own time; this bounds a call even if the client should not. */
  private static final Duration LONGEST_CALL = DELIVERY.plusSeconds(5);

  private static final Duration CLOSING = Duration.ofSeconds(1);

  private static final Fate ACKNOWLEDGED = new Fate.Acknowledged();
  private static final Fate UNANSWERED = new Fate.NotNow("Kafka has not answered");

  private final KafkaClusterSettings cluster;
  private final KafkaSettings kafka;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Producer<byte[], byte[]> current;
  private boolean closed;

  /** Publishes to the cluster of retries and dead letters. */
  public KafkaPublisher(KafkaSettings kafka) {
    this(kafka.producerCluster(), kafka);
  }

  /** Publishes to another cluster, with the same limits. */
  public KafkaPublisher(KafkaClusterSettings cluster, KafkaSettings kafka) {
    this.cluster = cluster;
    this.kafka = kafka;
  }

  @Override
  public List<Fate> publish(String topic, List<OutgoingRecord> records) {
    if (records.isEmpty()) {
      return List.of();
    }
    List<CompletableFuture<Fate>> answers;
    try {
      answers = send(topic, records);
    } catch (RuntimeException e) { // the client says in many ways that it cannot be constructed
      return Collections.nCopies(records.size(), fate(topic, e));
    }
    CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
        .completeOnTimeout(null, LONGEST_CALL.toMillis(), TimeUnit.MILLISECONDS)
        .join();
    return answers.stream().map(answer -> answer.getNow(UNANSWERED)).toList();
  }

  /** Gives records that are under way a second; what is not confirmed by then is not published. */
  @Override
  public void close() {
    Producer<byte[], byte[]> last;
    lock.lock();
    try {
      closed = true;
      last = current;
      current = null;
    } finally {
      lock.unlock();
    }
    if (last != null) {
      last.close(CLOSING);
    }
  }

  /** Hands over records until one cannot be: each further one would wait as long, and in vain. */
  private List<CompletableFuture<Fate>> send(String topic, List<OutgoingRecord> records) {
    Producer<byte[], byte[]> producer = producer();
    List<CompletableFuture<Fate>> answers = new ArrayList<>(records.size());
    Fate last = ACKNOWLEDGED;
    for (OutgoingRecord record : records) {
      CompletableFuture<Fate> answer =
          last instanceof Fate.NotNow
              ? CompletableFuture.completedFuture(last)
              : send(producer, topic, record);
      answers.add(answer);
      last = answer.getNow(ACKNOWLEDGED);
    }
    return answers;
  }

  private CompletableFuture<Fate> send(
      Producer<byte[], byte[]> producer, String topic, OutgoingRecord record) {
    var answer = new CompletableFuture<Fate>();
    try {
      int partitions = producer.partitionsFor(topic).size();
      Future<?> _ = // the callback tells the same, and sooner
          producer.send(
              kafkaRecord(topic, partitions, record),
              (_, failure) -> answer.complete(judge(producer, topic, failure)));
    } catch (RuntimeException e) { // no metadata, or closed meanwhile
      answer.complete(judge(producer, topic, e));
    }
    return answer;
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

  private Fate judge(Producer<byte[], byte[]> producer, String topic, @Nullable Exception failure) {
    if (failure == null) {
      return ACKNOWLEDGED;
    }
    Fate fate = fate(topic, failure);
    if (fate instanceof Fate.NotNow && !recovers(KafkaFailure.cause(failure))) {
      replace(producer, failure);
    }
    return fate;
  }

  private Fate fate(String topic, Throwable failure) {
    Throwable cause = KafkaFailure.cause(failure);
    return switch (cause) {
      case RecordTooLargeException _, InvalidRecordException _, InvalidTimestampException _ ->
          new Fate.Never(String.valueOf(cause.getMessage()));
      default -> notNow(KafkaFailure.of(cause, cluster, "topic '" + topic + "'"));
    };
  }

  private static Fate notNow(KafkaFailure explained) {
    return new Fate.NotNow(explained.reason(), explained.remedy());
  }

  /** Whether the same producer may succeed later. */
  private static boolean recovers(Throwable cause) {
    return cause instanceof RetriableException
        || cause instanceof AuthorizationException
        || cause instanceof InvalidTopicException;
  }

  private Producer<byte[], byte[]> producer() {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the publisher is closed");
      }
      if (current == null) {
        current = new KafkaProducer<>(KafkaClientProperties.producer(cluster, kafka, DELIVERY));
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  /** Some failures leave a producer that refuses everything from then on. */
  private void replace(Producer<byte[], byte[]> producer, Exception failure) {
    lock.lock();
    try {
      if (current != producer) {
        return;
      }
      current = null;
    } finally {
      lock.unlock();
    }
    LOG.debug("The Kafka producer failed; a new one takes its place", failure);
    producer.close(Duration.ZERO);
  }
}
