package io.taskbroker.settings;

import io.taskbroker.settings.reading.Findings;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.Values;
import java.util.Map;
import java.util.NavigableMap;
import org.jspecify.annotations.Nullable;

/** Checks the topics whose records are parameters rather than tasks. */
final class RawTopics {
  private final NavigableMap<String, Values> topics;
  private final Map<String, String> workers;
  private final Findings findings;

  RawTopics(Values values, Findings findings) {
    this.topics = values.entries(KafkaKeys.TOPICS);
    this.workers = values.get(DeliveryKeys.WORKER_MAP);
    this.findings = findings;
  }

  static boolean isRaw(@Nullable Values topic) {
    return topic != null && topic.isSet(KafkaKeys.TOPIC_RAW);
  }

  void check(@Nullable String retryTopic) {
    topics.forEach(
        (name, topic) -> {
          if (isRaw(topic)) {
            checkOne(name, topic);
            if (name.equals(retryTopic)) {
              findings.problem(
                  "kafka_retry_topic must differ from raw topic '%s' (%s), since a retry is a task and no raw record"
                      .formatted(name, topic.origin(KafkaKeys.TOPICS).describe()));
            }
          }
        });
  }

  private void checkOne(String name, Values topic) {
    topic
        .find(KafkaKeys.RAW_APPLICATION)
        .ifPresentOrElse(
            application -> checkApplication(name, topic, application),
            () -> missing(name, topic, KafkaKeys.RAW_APPLICATION));
    if (!topic.isSet(KafkaKeys.RAW_NAMESPACE)) {
      missing(name, topic, KafkaKeys.RAW_NAMESPACE);
    }
    if (!topic.isSet(KafkaKeys.RAW_TASKNAME)) {
      missing(name, topic, KafkaKeys.RAW_TASKNAME);
    }
    if (!topic.isSet(KafkaKeys.RAW_DEADLINE)) {
      missing(name, topic, KafkaKeys.RAW_DEADLINE);
    }
  }

  private void checkApplication(String name, Values topic, String application) {
    if (!workers.containsKey(application)) {
      findings.problem(
          "topic '%s': raw.application '%s' is not in worker_map (%s). Known are %s"
              .formatted(
                  name,
                  application,
                  topic.origin(KafkaKeys.RAW_APPLICATION).describe(),
                  workers.keySet()));
    }
  }

  private void missing(String name, Values topic, Setting<?> setting) {
    findings.problem(
        "topic '%s' is raw: %s is missing (%s)"
            .formatted(name, setting, topic.origin(KafkaKeys.TOPIC_RAW).describe()));
  }
}
