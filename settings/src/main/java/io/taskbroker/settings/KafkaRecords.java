package io.taskbroker.settings;

import io.taskbroker.adapters.kafka.KafkaClusterSettings;
import io.taskbroker.adapters.kafka.KafkaSecuritySettings;
import io.taskbroker.adapters.kafka.KafkaSettings;
import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.adapters.protobuf.RawTopicSettings;
import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Origin;
import io.taskbroker.settings.reading.Values;
import java.util.Map;
import java.util.TreeMap;

/** From values by key to the records that say what Kafka has and how to reach it. */
final class KafkaRecords {
  private final Values values;

  KafkaRecords(Values values) {
    this.values = values;
  }

  /** Notes what is wrong with a cluster as a whole, where each of its keys may be right. */
  void checkClusters(Findings findings) {
    values
        .entries(KafkaKeys.CLUSTERS)
        .forEach(
            (name, cluster) -> {
              if (cluster.isSet(KafkaKeys.CLUSTER_ADDRESS)) {
                try {
                  cluster(name, cluster);
                } catch (IllegalArgumentException e) {
                  findings.problem(
                      "kafka_clusters.%s%s: %s".formatted(name, place(cluster), e.getMessage()));
                }
              }
            });
  }

  /** Where a cluster was written; nothing for one that was made of older keys. */
  private static String place(Values cluster) {
    return switch (cluster.origin(KafkaKeys.CLUSTERS)) {
      case Origin.BuiltIn _ -> "";
      case Origin written -> " (" + written.describe() + ")";
    };
  }

  /**
   * @throws IllegalArgumentException if a record refuses its values
   */
  KafkaSettings settings() {
    Map<String, KafkaClusterSettings> clusters = new TreeMap<>();
    values
        .entries(KafkaKeys.CLUSTERS)
        .forEach((name, cluster) -> clusters.put(name, cluster(name, cluster)));
    Map<String, KafkaTopicSettings> topics = new TreeMap<>();
    values
        .entries(KafkaKeys.TOPICS)
        .forEach(
            (name, topic) ->
                topics.put(
                    name, topic(name, topic, named(clusters, topic.get(KafkaKeys.TOPIC_CLUSTER)))));
    return new KafkaSettings(
        topics.values().stream().toList(),
        named(topics, values.get(KafkaKeys.DEADLETTER_TOPIC)),
        named(topics, values.get(KafkaKeys.RETRY_TOPIC)),
        values.get(KafkaKeys.LONG_TOPIC),
        values.get(KafkaKeys.CREATE_MISSING_TOPICS),
        values.get(KafkaKeys.DEFAULT_TOPIC_PARTITIONS),
        values.get(KafkaKeys.SEND_TIMEOUT),
        values.get(KafkaKeys.MAX_MESSAGE_SIZE));
  }

  private static KafkaClusterSettings cluster(String name, Values cluster) {
    return new KafkaClusterSettings(
        name,
        cluster.get(KafkaKeys.CLUSTER_ADDRESS),
        new KafkaSecuritySettings(
            cluster.find(KafkaKeys.CLUSTER_SECURITY_PROTOCOL).orElse(null),
            cluster.find(KafkaKeys.CLUSTER_SASL_MECHANISM).orElse(null),
            cluster.find(KafkaKeys.CLUSTER_SASL_USERNAME).orElse(null),
            cluster.find(KafkaKeys.CLUSTER_SASL_PASSWORD).orElse(null),
            cluster.find(KafkaKeys.CLUSTER_CA).orElse(null),
            cluster.find(KafkaKeys.CLUSTER_CERTIFICATE).orElse(null),
            cluster.find(KafkaKeys.CLUSTER_KEY).orElse(null)));
  }

  private KafkaTopicSettings topic(String name, Values topic, KafkaClusterSettings cluster) {
    return new KafkaTopicSettings(
        name,
        cluster,
        topic.get(KafkaKeys.TOPIC_GROUP),
        use(topic),
        topic
            .find(KafkaKeys.TOPIC_SESSION_TIMEOUT)
            .orElseGet(() -> values.get(KafkaKeys.SESSION_TIMEOUT)),
        topic
            .find(KafkaKeys.TOPIC_AUTO_COMMIT_INTERVAL)
            .orElseGet(() -> values.get(KafkaKeys.AUTO_COMMIT_INTERVAL)),
        topic
            .find(KafkaKeys.TOPIC_AUTO_OFFSET_RESET)
            .orElseGet(() -> values.get(KafkaKeys.AUTO_OFFSET_RESET)));
  }

  /** By name, those topics of which each record is the parameter of a task. */
  Map<String, RawTopicSettings> rawTopics() {
    Map<String, RawTopicSettings> raw = new TreeMap<>();
    values
        .entries(KafkaKeys.TOPICS)
        .forEach(
            (name, topic) -> {
              if (RawTopics.isRaw(topic)) {
                raw.put(name, rawTopic(topic));
              }
            });
    return raw;
  }

  private static RawTopicSettings rawTopic(Values topic) {
    int level = topic.get(KafkaKeys.RAW_COMPRESSION);
    return new RawTopicSettings(
        topic.get(KafkaKeys.RAW_APPLICATION),
        topic.get(KafkaKeys.RAW_NAMESPACE),
        topic.get(KafkaKeys.RAW_TASKNAME),
        topic.get(KafkaKeys.RAW_DEADLINE),
        level == KafkaKeys.NO_COMPRESSION ? null : level);
  }

  private static Use use(Values topic) {
    if (topic.get(KafkaKeys.TOPIC_PRODUCE_ONLY)) {
      return Use.PRODUCE_ONLY;
    }
    return topic.get(KafkaKeys.TOPIC_CONSUMER_DISABLED) ? Use.CONSUMER_DISABLED : Use.CONSUMED;
  }

  private static <T> T named(Map<String, T> known, String name) {
    T found = known.get(name);
    if (found == null) {
      throw new IllegalArgumentException("nothing is called '" + name + "'");
    }
    return found;
  }
}
