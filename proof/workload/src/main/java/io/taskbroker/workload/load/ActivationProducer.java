package io.taskbroker.workload.load;

import com.google.protobuf.ByteString;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Produces activations as applications do, and opens each one's story in the ledger.
 *
 * <p>Safe for all threads. Blocks while Kafka is slower than its callers.
 */
public final class ActivationProducer implements AutoCloseable {
  /** Waited for more records to go with one, so that a flood is sent in few requests. */
  private static final Duration LINGER = Duration.ofMillis(1);

  /** Room for whatever a broker takes in by default. */
  private static final int LARGEST_REQUEST = 12_000_000;

  private final Target target;
  private final Ledger ledger;
  private final TaskMessages activations;
  private final RecordSender sender;

  /**
   * Where activations go.
   *
   * @param address of Kafka
   * @param application that owns the tasks
   * @param namespace of the tasks
   */
  public record Target(String address, String topic, String application, String namespace) {
    public Target(String address, String topic, String application) {
      this(address, topic, application, "proving");
    }
  }

  /**
   * @param payloadBytes of parameters, which nobody reads
   */
  public ActivationProducer(Target target, int payloadBytes, Ledger ledger) {
    this(target, ByteString.copyFrom(new byte[payloadBytes]), ledger);
  }

  /**
   * @param parameters of every task
   */
  public ActivationProducer(Target target, ByteString parameters, Ledger ledger) {
    this.target = target;
    this.ledger = ledger;
    this.activations = new TaskMessages(target.application(), target.namespace(), parameters);
    this.sender =
        new RecordSender(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                target.address(),
                ProducerConfig.LINGER_MS_CONFIG,
                Long.toString(LINGER.toMillis()),
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                LARGEST_REQUEST));
  }

  /** Sends one, and returns before Kafka has it. */
  public void produce(TaskKind kind) {
    send(kind, null);
  }

  /** As {@link #produce}, to one partition of the topic. */
  public void produceTo(int partition, TaskKind kind) {
    send(kind, partition);
  }

  private void send(TaskKind kind, @Nullable Integer partition) {
    Label label = ledger.open(kind);
    byte[] value = activations.of(kind, label).toByteArray();
    var record = new ProducerRecord<byte[], byte[]>(target.topic(), partition, null, value);
    sender.send(record, () -> ledger.produced(label));
  }

  public void produce(TaskKind kind, int count) {
    for (int i = 0; i < count; i++) {
      produce(kind);
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

  /** Sends what is left, without a word about what fails now. */
  @Override
  public void close() {
    sender.close();
  }
}
