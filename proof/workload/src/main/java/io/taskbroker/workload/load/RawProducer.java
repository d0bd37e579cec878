package io.taskbroker.workload.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Produces to a raw topic, and opens a story in the ledger for the task that each record becomes.
 */
public final class RawProducer implements AutoCloseable {
  private static final byte[] VALUE = new byte[1024];

  private final String topic;
  private final Ledger ledger;
  private final RecordSender sender;

  /**
   * @param address of Kafka
   */
  public RawProducer(String address, String topic, Ledger ledger) {
    this.topic = topic;
    this.ledger = ledger;
    this.sender = new RecordSender(Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, address));
  }

  /** Sends a record that is in no ledger. */
  public void produce(byte[] value) {
    sender.send(new ProducerRecord<>(topic, value), () -> {});
    flush();
  }

  /** Sends so many; the label is in the record's headers, which become those of the task. */
  public void produce(TaskKind kind, int count) {
    for (int i = 0; i < count; i++) {
      Label label = ledger.open(kind);
      var record = new ProducerRecord<byte[], byte[]>(topic, VALUE);
      label.headers().forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
      sender.send(record, () -> ledger.produced(label));
    }
  }

  /**
   * Returns when Kafka has all that was sent.
   *
   * @throws IllegalStateException if it refused anything since the producer began
   */
  public void flush() {
    sender.flush();
  }

  @Override
  public void close() {
    sender.close();
  }
}
