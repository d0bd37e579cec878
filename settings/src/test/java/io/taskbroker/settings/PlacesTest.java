package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each problem says in which file and line, or in which variable, it can be mended. */
class PlacesTest {
  private static final String CLUSTERS = "kafka_clusters: {main: {address: 'kafka:9092'}}\n";

  @Test
  void anUnknownCluster() {
    assertThat(
            problem(
                CLUSTERS
                    + "kafka_topics:\n"
                    + "  taskworker:\n    cluster: mian\n    consumer_group: g\n"
                    + dlq()))
        .contains(
            "topic 'taskworker' references unknown cluster 'mian' (", ":4). Known are [main]");
  }

  @Test
  void aMissingGroup() {
    assertThat(problem(CLUSTERS + "kafka_topics:\n  taskworker: {cluster: main}\n" + dlq()))
        .contains("kafka_topics.taskworker.consumer_group (", ":3): is missing");
  }

  @Test
  void anUndeclaredDeadLetterTopic() {
    String topics = "kafka_topics:\n  taskworker: {cluster: main, consumer_group: g}\n";

    assertThat(problem(CLUSTERS + topics + "kafka_deadletter_topic: dead\n"))
        .contains("kafka_deadletter_topic 'dead' is not defined in kafka_topics (", ":4)");
    assertThat(problem(CLUSTERS + topics))
        .contains(
            "kafka_deadletter_topic 'taskworker-dlq' is not",
            "(default; the topics are at ",
            ":2)");
  }

  @Test
  void aRawTopicWithoutItsApplication() {
    String raw =
        "kafka_topics:\n  taskworker: {cluster: main, consumer_group: g, raw: {namespace: n, taskname: t, processing_deadline_duration: 5}}\n"
            + "  retries: {cluster: main, consumer_group: g, produce_only: true}\n"
            + dlq()
            + "kafka_retry_topic: retries\n";

    assertThat(problem(CLUSTERS + raw))
        .contains("topic 'taskworker' is raw: raw.application is missing (", ":3)");
  }

  @ParameterizedTest
  @CsvSource({
    "TASKBROKER_STOER__MAX_PENDING_COUNT=5, TASKBROKER_STORE__MAX_PENDING_COUNT",
    "TASKBROKER_STORE__MAX_PENDNG_COUNT=5, TASKBROKER_STORE__MAX_PENDING_COUNT",
    "TASKBROKER_PUHS__QUEUE__SIZE=5, TASKBROKER_PUSH__QUEUE__SIZE",
    "TASKBROKER_PUSH__QUEU__SIZE=5, TASKBROKER_PUSH__QUEUE__SIZE",
    "TASKBROKER_KAFKA_CLUSTRES__MAIN__ADDRESS=k:1, TASKBROKER_KAFKA_CLUSTERS__MAIN__ADDRESS",
  })
  void aMistypedSection_getsASuggestion(String variable, String meant) {
    assertThat(Reading.load("", variable).warnings())
        .singleElement()
        .asString()
        .contains(variable.substring(0, variable.indexOf('=')), "Did you mean " + meant + "?");
  }

  @Test
  void aMistypedSectionOfTheFile_getsASuggestionForEachKey() {
    assertThat(Reading.load("stoer:\n  max_pending_count: 5\n  max_dely_count: 6\n").warnings())
        .hasSize(2)
        .anyMatch(
            warning -> warning.contains(":2)") && warning.contains("store.max_pending_count?"))
        .anyMatch(warning -> warning.contains(":3)") && warning.contains("store.max_delay_count?"));
  }

  @ParameterizedTest
  @CsvSource({
    "store.max_size, 3GB, 3000000000",
    "store.max_size, 1.5 GiB, 1610612736",
    "store.max_pending_count, 10k, 10000",
    "max_message_size, 4MiB, 4194304",
    "upkeep_task_interval_ms, 5s, 5000",
    "store.processing_deadline_grace_sec, 2min, 120",
    "store.processing_deadline_grace_sec, 500ms, 1",
  })
  void aNumberWithAUnit_isAnsweredByTheNumber(String key, String written, String number) {
    String variable = Settings.CATALOGUE.environment().variableFor(key) + "=" + written;

    assertThat(Reading.load("", variable).problems())
        .singleElement()
        .asString()
        .endsWith("Write " + number);
  }

  private static String dlq() {
    return "  taskworker-dlq: {cluster: main, consumer_group: g, produce_only: true}\n";
  }

  private static String problem(String yaml) {
    List<String> problems = Reading.load(yaml).problems();
    assertThat(problems).hasSize(1);
    return problems.getFirst();
  }
}
