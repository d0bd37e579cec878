package io.taskbroker.workload.load;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** Sends records without waiting for Kafka, and remembers whether it refused one. */
final class RecordSender implements AutoCloseable {
  private final KafkaProducer<byte[], byte[]> producer;
  private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

  /**
   * @param settings of the client
   */
  RecordSender(Map<String, Object> settings) {
    this.producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
  }

  /**
   * Returns before Kafka has it.
   *
   * @param onTaken called on the client's thread once it has
   */
  void send(ProducerRecord<byte[], byte[]> record, Runnable onTaken) {
    var _ =
        producer.send(
            record,
            (_, e) -> {
              if (e == null) {
                onTaken.run();
              } else {
                failure.compareAndSet(null, e);
              }
            });
  }

  /**
   * Returns when Kafka has all that was sent.
   *
   * @throws IllegalStateException if it refused anything since this sender began
   */
  void flush() {
    producer.flush();
    Exception e = failure.get();
    if (e != null) {
      throw new IllegalStateException("Kafka did not take a record", e);
    }
  }

  /** Sends what is left, without a word about what fails now. */
  @Override
  public void close() {
    producer.close();
  }
}
