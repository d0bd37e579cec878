package io.taskbroker.adapters.kafka;

import java.time.Duration;
import java.util.List;

/**
 * Everything about Kafka.
 *
 * @param topics all that are declared, in the order of their names
 * @param deadletterTopic declared; the producer connects to its cluster
 * @param retryTopic declared, on the same cluster as the dead-letter topic
 * @param longTopic where demoted namespaces go by default; need not be declared
 * @param createMissingTopics whether declared topics are created, each on its own cluster
 * @param partitionsOfNewTopics for topics that the broker creates
 * @param sendTimeout how long to wait for room in the producer's queue
 * @param maxMessageBytes the largest record that the producer sends
 */
public record KafkaSettings(
    List<KafkaTopicSettings> topics,
    KafkaTopicSettings deadletterTopic,
    KafkaTopicSettings retryTopic,
    String longTopic,
    boolean createMissingTopics,
    int partitionsOfNewTopics,
    Duration sendTimeout,
    int maxMessageBytes) {
  public KafkaSettings {
    topics = List.copyOf(topics);
  }

  public KafkaClusterSettings producerCluster() {
    return deadletterTopic.cluster();
  }

  public List<KafkaTopicSettings> consumableTopics() {
    return topics.stream().filter(KafkaTopicSettings::isConsumable).toList();
  }
}
