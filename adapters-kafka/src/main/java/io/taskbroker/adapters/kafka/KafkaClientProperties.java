package io.taskbroker.adapters.kafka;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Says our settings in the words of the Kafka client. */
final class KafkaClientProperties {
  /** Enough for 50,000 records of 1 KB a second from one partition, 20 ms away. */
  private static final int FETCH_BYTES_PER_PARTITION = 2 * 1024 * 1024;

  private static final int RECORDS_PER_POLL = 500;

  /** Held at a time by somebody who looks: a small fetch may unpack to as many of a megabyte. */
  private static final int RECORDS_PER_LOOK = 16;

  private static final int HEARTBEATS_PER_SESSION = 3;

  /**
   * How old the client's picture of a topic may be: its partitions, and who leads them. The
   * client's own five minutes would be how long an added partition waits for its first reader.
   */
  private static final Duration METADATA_AGE = Duration.ofSeconds(15);

  private static final int PRODUCER_BATCH_BYTES = 64 * 1024;

  private static final long PRODUCER_BUFFER_BYTES = 32L * 1024 * 1024;

  /** Requests of a producer that may stay unanswered, one after the other, while it delivers. */
  private static final int PRODUCER_REQUESTS = 2;

  private KafkaClientProperties() {}

  /**
   * For the consumer of one topic.
   *
   * @throws ConfigException if a PEM file is missing or wrong
   */
  static Map<String, Object> consumer(KafkaTopicSettings topic, ReadLimits limits) {
    Map<String, Object> properties = common(topic.cluster());
    int sessionMs = millis(topic.sessionTimeout());
    properties.put(ConsumerConfig.GROUP_ID_CONFIG, topic.consumerGroup());
    properties.put(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG, sessionMs);
    properties.put(
        ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG,
        Math.max(1, sessionMs / HEARTBEATS_PER_SESSION));
    properties.put(
        ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG,
        List.of(RangeAssignor.class.getName(), RoundRobinAssignor.class.getName()));
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none"); // see StartingPoints
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, millis(METADATA_AGE));
    // What a producer has taken back in a transaction is no task.
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.FETCH_MIN_BYTES_CONFIG, 1);
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, limits.fetchBytes());
    properties.put(
        ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG,
        Math.min(FETCH_BYTES_PER_PARTITION, limits.fetchBytes()));
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_PER_POLL);
    properties.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    properties.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return properties;
  }

  /**
   * For a consumer that is told what to read, and is in no group.
   *
   * @param patience how long a call may take
   * @throws ConfigException if a PEM file is missing or wrong
   */
  static Map<String, Object> reader(KafkaClusterSettings cluster, Duration patience) {
    Map<String, Object> properties = common(cluster);
    properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
    properties.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
    properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
    properties.put(ConsumerConfig.METADATA_MAX_AGE_CONFIG, millis(METADATA_AGE));
    properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
    properties.put(ConsumerConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(patience));
    properties.put(ConsumerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(patience));
    properties.put(ConsumerConfig.FETCH_MAX_BYTES_CONFIG, FETCH_BYTES_PER_PARTITION);
    properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, FETCH_BYTES_PER_PARTITION);
    properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, RECORDS_PER_LOOK);
    properties.put(
        ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    properties.put(
        ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class.getName());
    return properties;
  }

  /**
   * For a producer of transactions.
   *
   * @param id who begins one under this id ends those of all others
   * @param longest how long Kafka waits for the end of one whose producer is gone
   * @throws ConfigException if a PEM file is missing or wrong
   */
  static Map<String, Object> transactions(
      KafkaClusterSettings cluster,
      KafkaSettings kafka,
      Duration delivery,
      String id,
      Duration longest) {
    Map<String, Object> properties = producer(cluster, kafka, delivery);
    properties.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, id);
    properties.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, millis(longest));
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, delivery.toMillis());
    return properties;
  }

  /**
   * For a producer.
   *
   * @param delivery how long a record may be under way before it counts as not delivered
   * @throws ConfigException if a PEM file is missing or wrong
   */
  static Map<String, Object> producer(
      KafkaClusterSettings cluster, KafkaSettings kafka, Duration delivery) {
    Map<String, Object> properties = common(cluster);
    properties.put(ProducerConfig.ACKS_CONFIG, "all");
    properties.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
    properties.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, kafka.maxMessageBytes());
    properties.put(
        ProducerConfig.BUFFER_MEMORY_CONFIG,
        Math.max(PRODUCER_BUFFER_BYTES, 2L * kafka.maxMessageBytes()));
    properties.put(ProducerConfig.BATCH_SIZE_CONFIG, PRODUCER_BATCH_BYTES);
    properties.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, kafka.sendTimeout().toMillis());
    properties.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, millis(delivery));
    properties.put(
        ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(delivery.dividedBy(PRODUCER_REQUESTS)));
    properties.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    properties.put(
        ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
    return properties;
  }

  /**
   * For topic administration.
   *
   * @param patience how long a call may take
   * @throws ConfigException if a PEM file is missing or wrong
   */
  static Map<String, Object> admin(KafkaClusterSettings cluster, Duration patience) {
    Map<String, Object> properties = common(cluster);
    properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, millis(patience));
    properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, millis(patience));
    return properties;
  }

  private static Map<String, Object> common(KafkaClusterSettings cluster) {
    Map<String, Object> properties = new HashMap<>();
    properties.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, cluster.servers());
    // No client metrics are pushed to Kafka, and none are shown over JMX.
    properties.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, false);
    properties.put(CommonClientConfigs.METRIC_REPORTER_CLASSES_CONFIG, List.of());
    KafkaSecuritySettings security = cluster.security();
    if (security.protocol() != null) {
      properties.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, security.protocol());
    }
    if (security.usesSasl()) {
      String mechanism = String.valueOf(security.saslMechanism());
      properties.put(SaslConfigs.SASL_MECHANISM, mechanism);
      properties.put(SaslConfigs.SASL_JAAS_CONFIG, loginModule(security, mechanism));
    }
    if (security.usesTls()) {
      properties.putAll(PemFiles.stores(security));
    }
    return properties;
  }

  private static String loginModule(KafkaSecuritySettings security, String mechanism) {
    String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
    return "org.apache.kafka.common.security.%s required username=%s password=%s;"
        .formatted(
            module,
            quoted(String.valueOf(security.saslUsername())),
            quoted(String.valueOf(security.saslPassword())));
  }

  /** In the way that the JAAS parser, which is Java's StreamTokenizer, reads back unchanged. */
  private static String quoted(String text) {
    var quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              switch (c) {
                case '"', '\\' -> quoted.append('\\').append((char) c);
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                default -> quoted.append((char) c);
              }
            });
    return quoted.append('"').toString();
  }

  private static int millis(Duration duration) {
    return (int) Math.min(duration.toMillis(), Integer.MAX_VALUE);
  }
}
