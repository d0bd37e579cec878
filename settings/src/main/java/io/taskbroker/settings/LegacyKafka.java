package io.taskbroker.settings;

import static io.taskbroker.settings.KafkaKeys.CLUSTERS;
import static io.taskbroker.settings.KafkaKeys.DEADLETTER_TOPIC;
import static io.taskbroker.settings.KafkaKeys.RETRY_TOPIC;
import static io.taskbroker.settings.KafkaKeys.TOPICS;

import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Origin;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.Values;
import java.util.NavigableMap;
import java.util.Optional;

/** Says in topics and clusters what the older keys, or none at all, mean. */
final class LegacyKafka {
  private static final String DEFAULT_CLUSTER = "default";
  private static final String DEADLETTER_CLUSTER = "deadletter";
  private static final String DEFAULT_ADDRESS = "127.0.0.1:9092";
  private static final String DEFAULT_TOPIC = "taskworker";
  private static final String DEFAULT_GROUP = "taskworker";

  private final Values values;
  private final Findings findings;

  LegacyKafka(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  void describe() {
    for (Setting<?> setting : LegacyKafkaKeys.SUPERSEDED) {
      if (values.isSet(setting)) {
        findings.warning(
            "%s (%s): is deprecated, declare kafka_topics and kafka_clusters instead"
                .formatted(setting, values.origin(setting).describe()));
      }
    }
    checkNames();
    describeClusters();
    describeTopics();
  }

  private String mainTopic() {
    return values.find(LegacyKafkaKeys.TOPIC).orElse(DEFAULT_TOPIC);
  }

  private void checkNames() {
    String deadletter = values.get(DEADLETTER_TOPIC);
    if (deadletter.equals(mainTopic())) {
      findings.problem(
          "kafka_deadletter_topic '%s' must differ from the consumed topic '%s' (%s)"
              .formatted(deadletter, mainTopic(), values.origin(DEADLETTER_TOPIC).describe()));
    }
    values
        .find(RETRY_TOPIC)
        .filter(deadletter::equals)
        .ifPresent(
            retry ->
                findings.problem(
                    "kafka_retry_topic '%s' must differ from kafka_deadletter_topic (%s)"
                        .formatted(retry, values.origin(RETRY_TOPIC).describe())));
  }

  private void describeClusters() {
    var main = new Values();
    fillAddress(main, LegacyKafkaKeys.CLUSTER, DEFAULT_ADDRESS);
    move(LegacyKafkaKeys.SECURITY_PROTOCOL, main, KafkaKeys.CLUSTER_SECURITY_PROTOCOL);
    move(LegacyKafkaKeys.SASL_MECHANISM, main, KafkaKeys.CLUSTER_SASL_MECHANISM);
    move(LegacyKafkaKeys.SASL_USERNAME, main, KafkaKeys.CLUSTER_SASL_USERNAME);
    move(LegacyKafkaKeys.SASL_PASSWORD, main, KafkaKeys.CLUSTER_SASL_PASSWORD);
    move(LegacyKafkaKeys.CA, main, KafkaKeys.CLUSTER_CA);
    move(LegacyKafkaKeys.CERTIFICATE, main, KafkaKeys.CLUSTER_CERTIFICATE);
    move(LegacyKafkaKeys.KEY, main, KafkaKeys.CLUSTER_KEY);

    var failures = new Values();
    fillAddress(failures, LegacyKafkaKeys.DEADLETTER_CLUSTER, main.get(KafkaKeys.CLUSTER_ADDRESS));
    move(
        LegacyKafkaKeys.DEADLETTER_SECURITY_PROTOCOL,
        failures,
        KafkaKeys.CLUSTER_SECURITY_PROTOCOL);
    move(LegacyKafkaKeys.DEADLETTER_SASL_MECHANISM, failures, KafkaKeys.CLUSTER_SASL_MECHANISM);
    move(LegacyKafkaKeys.DEADLETTER_SASL_USERNAME, failures, KafkaKeys.CLUSTER_SASL_USERNAME);
    move(LegacyKafkaKeys.DEADLETTER_SASL_PASSWORD, failures, KafkaKeys.CLUSTER_SASL_PASSWORD);
    move(LegacyKafkaKeys.DEADLETTER_CA, failures, KafkaKeys.CLUSTER_CA);
    move(LegacyKafkaKeys.DEADLETTER_CERTIFICATE, failures, KafkaKeys.CLUSTER_CERTIFICATE);
    move(LegacyKafkaKeys.DEADLETTER_KEY, failures, KafkaKeys.CLUSTER_KEY);

    values.entries(CLUSTERS).put(DEFAULT_CLUSTER, main);
    values.entries(CLUSTERS).put(DEADLETTER_CLUSTER, failures);
  }

  private void describeTopics() {
    NavigableMap<String, Values> topics = values.entries(TOPICS);
    String main = mainTopic();
    topics.put(main, topic(DEFAULT_CLUSTER, false));
    if (values.find(LegacyKafkaKeys.RAW_MODE).orElse(false)) {
      describeRaw(topics.get(main));
    }
    topics.putIfAbsent(values.get(DEADLETTER_TOPIC), topic(DEADLETTER_CLUSTER, true));
    values
        .find(RETRY_TOPIC)
        .ifPresent(retry -> topics.putIfAbsent(retry, topic(DEADLETTER_CLUSTER, true)));
  }

  private Values topic(String cluster, boolean produceOnly) {
    var topic = new Values();
    KafkaKeys.TOPICS.keys().forEach(topic::putFallback);
    topic.put(KafkaKeys.TOPIC_CLUSTER, cluster, new Origin.BuiltIn());
    topic.put(KafkaKeys.TOPIC_PRODUCE_ONLY, produceOnly, new Origin.BuiltIn());
    topic.put(KafkaKeys.TOPIC_GROUP, DEFAULT_GROUP, new Origin.BuiltIn());
    move(LegacyKafkaKeys.CONSUMER_GROUP, topic, KafkaKeys.TOPIC_GROUP);
    return topic;
  }

  private void describeRaw(Values topic) {
    move(LegacyKafkaKeys.RAW_MODE, topic, KafkaKeys.TOPIC_RAW);
    move(LegacyKafkaKeys.RAW_NAMESPACE, topic, KafkaKeys.RAW_NAMESPACE);
    move(LegacyKafkaKeys.RAW_APPLICATION, topic, KafkaKeys.RAW_APPLICATION);
    move(LegacyKafkaKeys.RAW_TASKNAME, topic, KafkaKeys.RAW_TASKNAME);
    move(LegacyKafkaKeys.RAW_DEADLINE, topic, KafkaKeys.RAW_DEADLINE);
  }

  private void fillAddress(Values cluster, Setting<String> from, String fallback) {
    cluster.put(KafkaKeys.CLUSTER_ADDRESS, fallback, new Origin.BuiltIn());
    move(from, cluster, KafkaKeys.CLUSTER_ADDRESS);
  }

  private <T> void move(Setting<T> from, Values into, Setting<T> to) {
    Optional<T> value = values.find(from);
    value.ifPresent(v -> into.put(to, v, new Origin.As(from.path(), values.origin(from))));
  }
}
