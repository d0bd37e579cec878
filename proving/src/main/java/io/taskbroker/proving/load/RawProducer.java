package io.taskbroker.proving.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.proving.ledger.Label;
import io.taskbroker.proving.ledger.Ledger;
import io.taskbroker.proving.ledger.TaskKind;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Produces to a raw topic, and opens a story in the ledger for the task that each record becomes.
 */
public final class RawProducer implements AutoCloseable {
  private static final byte[] VALUE = new byte[1024];

  private final String topic;
  private final Ledger ledger;
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /**
   * @param address of Kafka
   */
  public RawProducer(String address, String topic, Ledger ledger) {
    this.topic = topic;
    this.ledger = ledger;
    this.producer =
        new KafkaProducer<>(
            Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Sends a record that is in no ledger. */
  public void produce(byte[] value) {
    var _ =
        producer.send(new ProducerRecord<>(topic, value), (_, e) -> failure.compareAndSet(null, e));
    flush();
  }

  /** Sends so many; the label is in the record's headers, which become those of the task. */
  public void produce(TaskKind kind, int count) {
    for (int i = 0; i < count; i++) {
      Label label = ledger.open(kind);
      var record = new ProducerRecord<byte[], byte[]>(topic, VALUE);
      label.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
      var _ =
          producer.send(
              record,
              (_, e) -> {
                if (e == null) {
                  ledger.produced(label);
                } else {
                  failure.compareAndSet(null, e);
                }
              });
    }
  }

  /**
   * Returns when Kafka has all that was sent.
   *
   * @throws IllegalStateException if it refused anything since the producer began
   */
  public void flush() {
    producer.flush();
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException("Kafka did not take a record", e);
    }
  }

  @Override
  public void close() {
    producer.close();
  }
}
