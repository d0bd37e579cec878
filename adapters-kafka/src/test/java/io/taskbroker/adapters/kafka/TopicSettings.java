package io.taskbroker.adapters.kafka;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import java.time.Duration;

/** Makes settings of topics. */
final class TopicSettings {
  private TopicSettings() {}

  /**
   * Longer than a busy machine keeps a member from its group: who is thrown out reads again what it
   * has stored.
   */
  private static final Duration SESSION = Duration.ofSeconds(18);

  /** Read from the beginning; its group is named after it. */
  static KafkaTopicSettings of(String name, KafkaClusterSettings cluster, Use use) {
    return new KafkaTopicSettings(
        name, cluster, name + "-group", use, SESSION, Duration.ofSeconds(5), OffsetReset.EARLIEST);
  }

  static KafkaTopicSettings withSession(KafkaTopicSettings topic, Duration session) {
    return with(topic, session, topic.autoCommitInterval(), topic.offsetReset());
  }

  static KafkaTopicSettings committing(KafkaTopicSettings topic, Duration interval) {
    return with(topic, topic.sessionTimeout(), interval, topic.offsetReset());
  }

  static KafkaTopicSettings with(KafkaTopicSettings topic, OffsetReset reset) {
    return with(topic, topic.sessionTimeout(), topic.autoCommitInterval(), reset);
  }

  private static KafkaTopicSettings with(
      KafkaTopicSettings topic, Duration session, Duration interval, OffsetReset reset) {
    return new KafkaTopicSettings(
        topic.name(),
        topic.cluster(),
        topic.consumerGroup(),
        topic.use(),
        session,
        interval,
        reset);
  }
}
