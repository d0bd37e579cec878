package io.taskbroker.workload.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/** A topic's records as they are, whatever they hold. */
public final class RawTopic implements AutoCloseable {
  /** Above the largest record that is sent anywhere here. */
  private static final int MAX_BYTES = 32 << 20;

  private static final Duration POLL = Duration.ofMillis(200);

  private final String address;
  private final String topic;
  private final KafkaProducer<byte[], byte[]> producer;

  public RawTopic(String address, String topic) {
    this.address = address;
    this.topic = topic;
    this.producer =
        new KafkaProducer<>(
            Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                address,
                ProducerConfig.MAX_REQUEST_SIZE_CONFIG,
                MAX_BYTES,
                ProducerConfig.BUFFER_MEMORY_CONFIG,
                2L * MAX_BYTES),
            new ByteArraySerializer(),
            new ByteArraySerializer());
  }

  /** Returns when Kafka has it. */
  public void send(byte @Nullable [] value) {
    send(value, List.of());
  }

  /** Returns when Kafka has it. */
  public void send(byte @Nullable [] value, List<Header> headers) {
    try {
      var sent = new ProducerRecord<byte[], byte[]>(topic, null, (byte[]) null, value, headers);
      producer.send(sent).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka did not take a record of " + topic, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while sending to " + topic, e);
    }
  }

  /** All that the topic holds now. */
  public List<ConsumerRecord<byte[], byte[]>> records() {
    Map<String, Object> settings =
        Map.of(
            ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
            address,
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            "false");
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (Topics topics = Topics.at(address);
        var consumer =
            new KafkaConsumer<>(
                settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      long size = topics.size(topic);
      consumer.assign(topics.partitions(topic));
      consumer.seekToBeginning(consumer.assignment());
      while (records.size() < size) {
        consumer.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }

  @Override
  public void close() {
    producer.close();
  }
}
