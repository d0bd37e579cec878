package io.taskbroker.settings;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.SettingMap;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Topics, clusters, and what holds for all of them. */
final class KafkaKeys {
  /** As wide as librdkafka, which deployments wrote their values for. */
  private static final Type<Integer> MESSAGE_BYTES = NumberTypes.between(1_000, 1_000_000_000);

  private static final Duration LONGEST_SESSION = Duration.ofHours(1);
  private static final Duration LONGEST_COMMIT_INTERVAL = Duration.ofDays(1);

  static final Setting<String> DEADLETTER_TOPIC =
      Setting.of("kafka_deadletter_topic", TextTypes.TEXT, "taskworker-dlq")
          .means(
              "Where failed tasks end, if they ask for it, and records that are no tasks. A declared"
                  + " topic; the producer connects to its cluster.");
  static final Setting<String> RETRY_TOPIC =
      Setting.optional("kafka_retry_topic", TextTypes.TEXT)
          .means(
              "Where the next attempt of a task is sent. Unset, it is the consumed topic, if there"
                  + " is only one.");
  static final Setting<String> LONG_TOPIC =
      Setting.of("kafka_long_topic", TextTypes.TEXT, "taskworker-long")
          .means("Where tasks of demoted namespaces are sent; need not be declared.");
  static final Setting<Boolean> CREATE_MISSING_TOPICS =
      Setting.of("create_missing_topics", Type.FLAG, false)
          .means("Whether declared topics that do not exist are created at start.");
  static final Setting<Integer> DEFAULT_TOPIC_PARTITIONS =
      Setting.of("default_topic_partitions", NumberTypes.between(1, Integer.MAX_VALUE), 1)
          .means("Partitions of topics that the broker creates.");
  static final Setting<Duration> SESSION_TIMEOUT =
      Setting.of("kafka_session_timeout_ms", DurationTypes.MILLIS, Duration.ofSeconds(6))
          .must("be from 1 to 3600000", KafkaKeys::isSessionTimeout)
          .means("Without a heartbeat for so long, a broker loses its partitions.");
  static final Setting<Duration> AUTO_COMMIT_INTERVAL =
      Setting.of("kafka_auto_commit_interval_ms", DurationTypes.MILLIS, Duration.ofSeconds(5))
          .must("be at most 86400000", KafkaKeys::isCommitInterval)
          .means("The longest time between two commits of positions; most come much sooner.");
  static final Setting<OffsetReset> AUTO_OFFSET_RESET =
      Setting.of("kafka_auto_offset_reset", offsetReset(), OffsetReset.EARLIEST)
          .means(
              "Where a consumer group begins that has no position yet: at the first record that is"
                  + " there (earliest, beginning, smallest), behind the last (latest, end, largest),"
                  + " or nowhere, with a line that says so (error, none).");
  static final Setting<Duration> SEND_TIMEOUT =
      Setting.of("kafka_send_timeout_ms", DurationTypes.MILLIS, Duration.ofMillis(500))
          .means("How long to wait for room in the producer's queue.");
  static final Setting<Integer> MAX_MESSAGE_SIZE =
      Setting.of("max_message_size", MESSAGE_BYTES, 5_000_000)
          .means("Bytes of the largest record that the producer sends.");
  static final Setting<Integer> MAX_DELIVERABLE_SIZE =
      Setting.of("max_deliverable_size", MESSAGE_BYTES, 10_485_760)
          .means(
              "Bytes of the largest task that workers can be given. Of a larger record only the"
                  + " headers go to the dead-letter topic.");

  static final List<Setting<?>> GLOBAL =
      List.of(
          DEADLETTER_TOPIC,
          RETRY_TOPIC,
          LONG_TOPIC,
          CREATE_MISSING_TOPICS,
          DEFAULT_TOPIC_PARTITIONS,
          SESSION_TIMEOUT,
          AUTO_COMMIT_INTERVAL,
          AUTO_OFFSET_RESET,
          SEND_TIMEOUT,
          MAX_MESSAGE_SIZE,
          MAX_DELIVERABLE_SIZE);

  static final Setting<String> TOPIC_CLUSTER =
      Setting.required("cluster", TextTypes.TEXT).means("A key of `kafka_clusters`.");
  static final Setting<String> TOPIC_GROUP =
      Setting.required("consumer_group", TextTypes.TEXT)
          .means("The consumer group; also for topics that are never consumed.");
  static final Setting<Boolean> TOPIC_PRODUCE_ONLY =
      Setting.of("produce_only", Type.FLAG, false).means("Whether the topic is never consumed.");
  static final Setting<Boolean> TOPIC_CONSUMER_DISABLED =
      Setting.of("consumer_disabled", Type.FLAG, false)
          .means("Whether a consumable topic is left alone: only its existence is checked.");
  static final Setting<Duration> TOPIC_SESSION_TIMEOUT =
      Setting.optional("session_timeout_ms", DurationTypes.MILLIS)
          .must("be from 1 to 3600000", KafkaKeys::isSessionTimeout)
          .means("Instead of `kafka_session_timeout_ms`.");
  static final Setting<Duration> TOPIC_AUTO_COMMIT_INTERVAL =
      Setting.optional("auto_commit_interval_ms", DurationTypes.MILLIS)
          .must("be at most 86400000", KafkaKeys::isCommitInterval)
          .means("Instead of `kafka_auto_commit_interval_ms`.");
  static final Setting<OffsetReset> TOPIC_AUTO_OFFSET_RESET =
      Setting.optional("auto_offset_reset", offsetReset())
          .means("Instead of `kafka_auto_offset_reset`.");
  static final Setting<Boolean> TOPIC_RAW =
      Setting.optional("raw", Type.PRESENCE)
          .means("If present, each record is the parameter of a task rather than a task.");
  static final Setting<String> RAW_NAMESPACE =
      Setting.optional("raw.namespace", TextTypes.TEXT)
          .means("Its namespace. Required in raw mode.");
  static final Setting<String> RAW_APPLICATION =
      Setting.optional("raw.application", TextTypes.TEXT)
          .means("Its application, a key of `worker_map`. Required in raw mode.");
  static final Setting<String> RAW_TASKNAME =
      Setting.optional("raw.taskname", TextTypes.TEXT).means("Its task. Required in raw mode.");
  static final Setting<Integer> RAW_DEADLINE =
      Setting.optional("raw.processing_deadline_duration", NumberTypes.between(0, 65_535))
          .means("Seconds that a worker has for it. Required in raw mode.");

  /** The level that means none; for zstd itself it would be a fast one. */
  static final int NO_COMPRESSION = -1;

  static final Setting<Integer> RAW_COMPRESSION =
      Setting.optional("raw.compression_level", NumberTypes.between(-128, 127), 3)
          .means("The zstd level of the stored parameter; -1 for no compression.");

  /** Below {@code kafka_topics}, by the name of the topic. */
  static final SettingMap TOPICS =
      new SettingMap(
          "kafka_topics",
          List.of(
              TOPIC_CLUSTER,
              TOPIC_GROUP,
              TOPIC_PRODUCE_ONLY,
              TOPIC_CONSUMER_DISABLED,
              TOPIC_SESSION_TIMEOUT,
              TOPIC_AUTO_COMMIT_INTERVAL,
              TOPIC_AUTO_OFFSET_RESET,
              TOPIC_RAW,
              RAW_NAMESPACE,
              RAW_APPLICATION,
              RAW_TASKNAME,
              RAW_DEADLINE,
              RAW_COMPRESSION));

  static final Setting<String> CLUSTER_ADDRESS =
      Setting.required("address", TextTypes.TEXT)
          .must("name at least one host", text -> !text.isBlank())
          .means("A list of `host:port`, separated by commas; without a port it is 9092.");
  static final Setting<String> CLUSTER_SECURITY_PROTOCOL =
      protocol("security_protocol")
          .means("plaintext, ssl, sasl_plaintext or sasl_ssl, in any case.");
  static final Setting<String> CLUSTER_SASL_MECHANISM =
      mechanism("sasl_mechanism").means("PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, in any case.");
  static final Setting<String> CLUSTER_SASL_USERNAME =
      Setting.optional("sasl_username", TextTypes.TEXT).means("Who the broker is.");
  static final Setting<String> CLUSTER_SASL_PASSWORD =
      Setting.optional("sasl_password", TextTypes.TEXT).secret().means("How it proves that.");
  static final Setting<String> CLUSTER_CA =
      Setting.optional("ssl_ca_location", TextTypes.FILE)
          .means("A PEM file with the certificates to trust; unset for the system's.");
  static final Setting<String> CLUSTER_CERTIFICATE =
      Setting.optional("ssl_certificate_location", TextTypes.FILE)
          .means("A PEM file with the broker's own certificate and its chain.");
  static final Setting<String> CLUSTER_KEY =
      Setting.optional("ssl_key_location", TextTypes.FILE)
          .means("A PEM file with the key to it, in PKCS#8.");

  /** Below {@code kafka_clusters}, by the name of the cluster. */
  static final SettingMap CLUSTERS =
      new SettingMap(
          "kafka_clusters",
          List.of(
              CLUSTER_ADDRESS,
              CLUSTER_SECURITY_PROTOCOL,
              CLUSTER_SASL_MECHANISM,
              CLUSTER_SASL_USERNAME,
              CLUSTER_SASL_PASSWORD,
              CLUSTER_CA,
              CLUSTER_CERTIFICATE,
              CLUSTER_KEY));

  private KafkaKeys() {}

  static Setting<String> protocol(String path) {
    Set<String> known = Set.of("plaintext", "ssl", "sasl_plaintext", "sasl_ssl");
    return Setting.optional(path, TextTypes.TEXT)
        .must(
            "be plaintext, ssl, sasl_plaintext or sasl_ssl",
            text -> known.contains(text.toLowerCase(Locale.ROOT)));
  }

  static Setting<String> mechanism(String path) {
    Set<String> known = Set.of("plain", "scram-sha-256", "scram-sha-512");
    return Setting.optional(path, TextTypes.TEXT)
        .must(
            "be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512",
            text -> known.contains(text.toLowerCase(Locale.ROOT)));
  }

  private static boolean isSessionTimeout(Duration timeout) {
    return timeout.isPositive() && timeout.compareTo(LONGEST_SESSION) <= 0;
  }

  private static boolean isCommitInterval(Duration interval) {
    return interval.compareTo(LONGEST_COMMIT_INTERVAL) <= 0;
  }

  private static Type<OffsetReset> offsetReset() {
    Map<String, OffsetReset> meanings = new LinkedHashMap<>();
    meanings.put("earliest", OffsetReset.EARLIEST);
    meanings.put("latest", OffsetReset.LATEST);
    meanings.put("none", OffsetReset.NONE);
    meanings.put("beginning", OffsetReset.EARLIEST);
    meanings.put("smallest", OffsetReset.EARLIEST);
    meanings.put("end", OffsetReset.LATEST);
    meanings.put("largest", OffsetReset.LATEST);
    meanings.put("error", OffsetReset.NONE);
    return Type.oneOf(meanings, reset -> reset.name().toLowerCase(Locale.ROOT));
  }
}
