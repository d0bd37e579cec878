package io.taskbroker.workload.load;

import com.google.protobuf.InvalidProtocolBufferException;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads what is written to a topic from now on, on a thread of its own, until closed. */
public final class TopicReader implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(50);

  private final String address;
  private final String topic;
  private final Consumer<TaskActivation> onActivation;
  private final Map<TopicPartition, Long> start;
  private final AtomicLong seen = new AtomicLong();
  private final AtomicLong unreadable = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;

  private TopicReader(String address, String topic, Consumer<TaskActivation> onActivation) {
    this.address = address;
    this.topic = topic;
    this.onActivation = onActivation;
    try (Topics topics = Topics.at(address)) {
      this.start = topics.ends(topic);
    }
    this.thread = Thread.ofPlatform().daemon().name("read-" + topic).unstarted(this::read);
  }

  /**
   * @param topic exists
   * @param onActivation called on the reader's thread, in the order of each partition
   */
  public static TopicReader start(
      String address, String topic, Consumer<TaskActivation> onActivation) {
    var reader = new TopicReader(address, topic, onActivation);
    reader.thread.start();
    return reader;
  }

  /** Writes what retries come to be into the ledger. */
  public static TopicReader ofRetries(String address, String topic, Ledger ledger) {
    return start(address, topic, ledger::retryRecord);
  }

  /** Writes what comes to the dead-letter topic into the ledger. */
  public static TopicReader ofDeadLetters(String address, String topic, Ledger ledger) {
    return start(address, topic, ledger::deadLetter);
  }

  private void read() {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            address,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            "false");
    try (var consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(start.keySet());
      start.forEach(consumer::seek);
      while (!closing) {
        consumer.poll(POLL).forEach(this::take);
      }
    }
  }

  private void take(ConsumerRecord<byte[], byte[]> record) {
    try {
      onActivation.accept(TaskActivation.parseFrom(record.value()));
    } catch (InvalidProtocolBufferException _) {
      unreadable.incrementAndGet();
    }
    seen.incrementAndGet();
  }

  /** Records seen so far. */
  public long seen() {
    return seen.get();
  }

  /** Those of them that hold no activation. */
  public long unreadable() {
    return unreadable.get();
  }

  /** Returns when all that the topic holds now has been seen. */
  public void catchUp(Duration patience) {
    try (Topics topics = Topics.at(address)) {
      long before = start.values().stream().mapToLong(Long::longValue).sum();
      long records = topics.size(topic) - before;
      Waiting.until(
          records + " records of " + topic + " are read", patience, () -> seen() >= records);
    }
  }

  @Override
  public void close() {
    closing = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
