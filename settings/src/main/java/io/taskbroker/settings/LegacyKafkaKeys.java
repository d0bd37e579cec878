package io.taskbroker.settings;

import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.util.List;

/** The older way to describe one consumed topic and where its failures go. */
final class LegacyKafkaKeys {
  static final Setting<String> TOPIC =
      text("kafka_topic").means("The consumed topic; `taskworker` if unset.");
  static final Setting<String> CLUSTER =
      text("kafka_cluster").means("The address of its cluster; `127.0.0.1:9092` if unset.");
  static final Setting<String> CONSUMER_GROUP =
      text("kafka_consumer_group").means("Its consumer group; `taskworker` if unset.");
  static final Setting<String> SECURITY_PROTOCOL =
      KafkaKeys.protocol("kafka_security_protocol").means("As `security_protocol` of a cluster.");
  static final Setting<String> SASL_MECHANISM =
      KafkaKeys.mechanism("kafka_sasl_mechanism").means("As `sasl_mechanism` of a cluster.");
  static final Setting<String> SASL_USERNAME =
      text("kafka_sasl_username").means("As `sasl_username` of a cluster.");
  static final Setting<String> SASL_PASSWORD =
      text("kafka_sasl_password").secret().means("As `sasl_password` of a cluster.");
  static final Setting<String> CA =
      file("kafka_ssl_ca_location").means("As `ssl_ca_location` of a cluster.");
  static final Setting<String> CERTIFICATE =
      file("kafka_ssl_certificate_location").means("As `ssl_certificate_location` of a cluster.");
  static final Setting<String> KEY =
      file("kafka_ssl_key_location").means("As `ssl_key_location` of a cluster.");
  static final Setting<String> DEADLETTER_CLUSTER =
      text("kafka_deadletter_cluster")
          .means("The address for dead letters; that of `kafka_cluster` if unset.");
  static final Setting<String> DEADLETTER_SECURITY_PROTOCOL =
      KafkaKeys.protocol("kafka_deadletter_security_protocol")
          .means("Never inherited from the keys above, and so for those that follow.");
  static final Setting<String> DEADLETTER_SASL_MECHANISM =
      KafkaKeys.mechanism("kafka_deadletter_sasl_mechanism").means("As above.");
  static final Setting<String> DEADLETTER_SASL_USERNAME =
      text("kafka_deadletter_sasl_username").means("As above.");
  static final Setting<String> DEADLETTER_SASL_PASSWORD =
      text("kafka_deadletter_sasl_password").secret().means("As above.");
  static final Setting<String> DEADLETTER_CA =
      file("kafka_deadletter_ssl_ca_location").means("As above.");
  static final Setting<String> DEADLETTER_CERTIFICATE =
      file("kafka_deadletter_ssl_certificate_location").means("As above.");
  static final Setting<String> DEADLETTER_KEY =
      file("kafka_deadletter_ssl_key_location").means("As above.");
  static final Setting<Boolean> RAW_MODE =
      Setting.optional("raw_mode", Type.FLAG).means("Whether the consumed topic is raw.");

  static final Setting<String> RAW_NAMESPACE =
      text("raw_namespace").means("As `raw.namespace` of a topic; only with `raw_mode`.");
  static final Setting<String> RAW_APPLICATION =
      text("raw_application").means("As `raw.application` of a topic; only with `raw_mode`.");
  static final Setting<String> RAW_TASKNAME =
      text("raw_taskname").means("As `raw.taskname` of a topic; only with `raw_mode`.");
  static final Setting<Integer> RAW_DEADLINE =
      Setting.of("raw_processing_deadline_duration", NumberTypes.between(0, 65_535), 30)
          .means(
              "Seconds, as `raw.processing_deadline_duration` of a topic; only with `raw_mode`.");

  /** Any of these means that the older way is used, and forbids the newer one. */
  static final List<Setting<?>> MARKS =
      List.of(
          TOPIC,
          CLUSTER,
          CONSUMER_GROUP,
          SECURITY_PROTOCOL,
          SASL_MECHANISM,
          SASL_USERNAME,
          SASL_PASSWORD,
          CA,
          CERTIFICATE,
          KEY,
          DEADLETTER_CLUSTER,
          DEADLETTER_SECURITY_PROTOCOL,
          DEADLETTER_SASL_MECHANISM,
          DEADLETTER_SASL_USERNAME,
          DEADLETTER_SASL_PASSWORD,
          DEADLETTER_CA,
          DEADLETTER_CERTIFICATE,
          DEADLETTER_KEY,
          RAW_MODE);

  /** These are allowed beside the newer way, and mean nothing there. */
  static final List<Setting<?>> RAW =
      List.of(RAW_NAMESPACE, RAW_APPLICATION, RAW_TASKNAME, RAW_DEADLINE);

  /** What an operator is advised to replace first. */
  static final List<Setting<?>> SUPERSEDED =
      List.of(CLUSTER, TOPIC, CONSUMER_GROUP, DEADLETTER_CLUSTER, RAW_MODE);

  private LegacyKafkaKeys() {}

  private static Setting<String> file(String path) {
    return Setting.optional(path, TextTypes.FILE);
  }

  private static Setting<String> text(String path) {
    return Setting.optional(path, TextTypes.TEXT);
  }
}
