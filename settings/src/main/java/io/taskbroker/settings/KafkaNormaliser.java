package io.taskbroker.settings;

import static io.taskbroker.settings.KafkaKeys.CLUSTERS;
import static io.taskbroker.settings.KafkaKeys.CLUSTER_ADDRESS;
import static io.taskbroker.settings.KafkaKeys.DEADLETTER_TOPIC;
import static io.taskbroker.settings.KafkaKeys.RETRY_TOPIC;
import static io.taskbroker.settings.KafkaKeys.TOPICS;
import static io.taskbroker.settings.KafkaKeys.TOPIC_CLUSTER;

import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Origin;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.Values;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Brings the older and the newer way to describe Kafka to the newer one, and checks that topics and
 * clusters fit together.
 */
final class KafkaNormaliser {
  private final Values values;
  private final Findings findings;
  private final NavigableMap<String, Values> topics;
  private final NavigableMap<String, Values> clusters;

  KafkaNormaliser(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
    this.topics = values.entries(TOPICS);
    this.clusters = values.entries(CLUSTERS);
  }

  void normalise() {
    List<Setting<?>> legacy = LegacyKafkaKeys.MARKS.stream().filter(values::isSet).toList();
    if (topics.isEmpty() && clusters.isEmpty()) {
      new LegacyKafka(values, findings).describe();
    } else if (!legacy.isEmpty()) {
      findings.problem(
          "cannot mix kafka_topics and kafka_clusters with the older way to describe Kafka. Take"
              + " out, or move into the two mappings: "
              + legacy.stream().map(this::place).collect(Collectors.joining(", ")));
      return;
    } else if (topics.isEmpty()) {
      findings.problem(
          "kafka_topics is empty, though there are clusters (%s). Declare at least one topic"
              .formatted(values.origin(CLUSTERS).describe()));
      return;
    } else if (clusters.isEmpty()) {
      findings.problem(
          "kafka_clusters is empty, though there are topics (%s). Declare the cluster of each"
              .formatted(values.origin(TOPICS).describe()));
      return;
    }
    checkClusters();
    checkTopics();
  }

  private void checkClusters() {
    topics.forEach(
        (name, topic) -> {
          Optional<String> unknown =
              topic.find(TOPIC_CLUSTER).filter(cluster -> !clusters.containsKey(cluster));
          unknown.ifPresent(
              cluster ->
                  findings.problem(
                      "topic '%s' references unknown cluster '%s' (%s). Known are %s"
                          .formatted(
                              name,
                              cluster,
                              topic.origin(TOPIC_CLUSTER).describe(),
                              clusters.keySet())));
        });
  }

  private void checkTopics() {
    List<String> consumable =
        topics.entrySet().stream()
            .filter(topic -> !topic.getValue().get(KafkaKeys.TOPIC_PRODUCE_ONLY))
            .map(topic -> topic.getKey())
            .toList();
    if (consumable.isEmpty()) {
      findings.problem(
          "no consumable topic: every topic in kafka_topics (%s) has produce_only: true. One of them must be consumed"
              .formatted(values.origin(TOPICS).describe()));
    }
    String deadletter = values.get(DEADLETTER_TOPIC);
    if (!topics.containsKey(deadletter)) {
      findings.problem(
          "kafka_deadletter_topic '%s' is not defined in kafka_topics (%s). Declare it there, with produce_only: true"
              .formatted(deadletter, among(DEADLETTER_TOPIC)));
    }
    String retry = retryTopic(consumable);
    if (retry != null) {
      checkRetryTopic(retry, deadletter);
    }
    new RawTopics(values, findings).check(retry);
  }

  /** The retry topic, chosen where there is no choice; null if it cannot be told. */
  private @Nullable String retryTopic(List<String> consumable) {
    Optional<String> given = values.find(RETRY_TOPIC);
    if (given.isPresent()) {
      return given.get();
    }
    if (consumable.stream().anyMatch(name -> RawTopics.isRaw(topics.get(name)))) {
      findings.problem(
          "kafka_retry_topic must be set explicitly when a consumed topic uses raw mode (%s), since a retry is a task and no raw record"
              .formatted(values.origin(TOPICS).describe()));
      return null;
    }
    if (consumable.size() > 1) {
      findings.problem(
          "kafka_retry_topic is required when consuming from multiple topics, here %s (%s)"
              .formatted(String.join(", ", consumable), values.origin(TOPICS).describe()));
      return null;
    }
    if (consumable.isEmpty()) {
      return null;
    }
    values.put(
        RETRY_TOPIC,
        consumable.getFirst(),
        new Origin.As("the only consumed topic", new Origin.BuiltIn()));
    return consumable.getFirst();
  }

  private void checkRetryTopic(String retry, String deadletter) {
    if (!topics.containsKey(retry)) {
      findings.problem(
          "kafka_retry_topic '%s' is not defined in kafka_topics (%s). Known are %s"
              .formatted(retry, among(RETRY_TOPIC), topics.keySet()));
      return;
    }
    Optional<String> ours = addressOf(retry);
    Optional<String> theirs = addressOf(deadletter);
    if (ours.isPresent() && theirs.isPresent() && !ours.equals(theirs)) {
      findings.problem(
          "kafka_retry_topic '%s' (%s) is at %s, kafka_deadletter_topic '%s' (%s) at %s: they share a single producer and must be on the same cluster"
              .formatted(
                  retry,
                  values.origin(RETRY_TOPIC).describe(),
                  ours.get(),
                  deadletter,
                  values.origin(DEADLETTER_TOPIC).describe(),
                  theirs.get()));
    }
  }

  private Optional<String> addressOf(String topic) {
    return Optional.ofNullable(topics.get(topic))
        .flatMap(known -> known.find(TOPIC_CLUSTER))
        .map(clusters::get)
        .flatMap(cluster -> cluster.find(CLUSTER_ADDRESS));
  }

  /** Where the name of a topic was written, or else where the topics were. */
  private String among(Setting<?> name) {
    String written = values.origin(name).describe();
    return values.isGiven(name)
        ? written
        : written + "; the topics are at " + values.origin(TOPICS).describe();
  }

  private String place(Setting<?> setting) {
    return setting + " (" + values.origin(setting).describe() + ")";
  }
}
