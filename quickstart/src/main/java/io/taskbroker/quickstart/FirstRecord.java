package io.taskbroker.quickstart;

import io.taskbroker.workload.kafka.Topics;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a Kafka that has just started does for its first producer, done before there is one: it has
 * no numbers for producers yet, and has taken no batch. Nobody's first task has to wait for that.
 */
final class FirstRecord {
  /** None that anybody reads; it is gone when {@link #send} returns. */
  private static final String TOPIC = "taskbroker-dev-first-record";

  private FirstRecord() {}

  /**
   * Sends it as clients send tasks, to a topic of its own, and returns once Kafka has it.
   *
   * @throws IllegalStateException if Kafka does not take it
   */
  static void send(String kafka) {
    try (Topics topics = Topics.at(kafka)) {
      topics.create(TOPIC, 1);
      send(kafka, new ProducerRecord<>(TOPIC, new byte[1]));
      topics.delete(TOPIC);
    }
  }

  private static void send(String kafka, ProducerRecord<byte[], byte[]> record) {
    Map<String, Object> properties =
        Map.of(
            ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
            kafka,
            ProducerConfig.COMPRESSION_TYPE_CONFIG,
            "lz4");
    try (var producer =
        new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
      producer.send(record).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("Kafka at " + kafka + " takes no record", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted before Kafka had its first record", e);
    }
  }
}
