package io.taskbroker.settings;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.protobuf.RawTopicSettings;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.SettingMap;
import io.taskbroker.settings.reading.Values;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of configuration.md, section 6, by row. */
class KafkaNormaliserTest {
  private static final String TWO_CONSUMED =
      """
      kafka_clusters: {main: {address: "k:1"}}
      kafka_deadletter_topic: d
      kafka_topics:
        a: {cluster: main, consumer_group: g}
        b: {cluster: main, consumer_group: g, consumer_disabled: true}
        d: {cluster: main, consumer_group: g, produce_only: true}
      """;

  private static final String RAW =
      """
      kafka_clusters: {main: {address: "k:1"}}
      kafka_deadletter_topic: d
      kafka_topics:
        r: {cluster: main, consumer_group: g, raw: {namespace: n, application: sentry, taskname: t,
            processing_deadline_duration: 5}}
        t: {cluster: main, consumer_group: g, produce_only: true}
        d: {cluster: main, consumer_group: g, produce_only: true}
      """;

  @Test
  void row1_theTwoWaysCannotBeMixed() {
    assertProblem(
        "kafka_topics: {t: {cluster: c, consumer_group: g}}\nkafka_topic: t", "cannot mix");
    assertProblem("kafka_clusters: {c: {address: a}}\nraw_mode: false", "cannot mix");
    assertProblem(TWO_CONSUMED + "kafka_retry_topic: a\nkafka_sasl_password: secret", "cannot mix");
  }

  @Test
  void row1_whatBelongsToBothWaysIsNoMixture() {
    assertThat(
            problems(
                TWO_CONSUMED
                    + "kafka_retry_topic: a\nraw_namespace: n\nraw_application: x\n"
                    + "raw_taskname: t\nraw_processing_deadline_duration: 5\nkafka_long_topic: l"))
        .isEmpty();
  }

  @Test
  void row2_topicsAreMissing() {
    assertProblem("kafka_clusters: {c: {address: a}}", "kafka_topics is empty");
  }

  @Test
  void row3_clustersAreMissing() {
    assertProblem("kafka_topics: {t: {cluster: c, consumer_group: g}}", "kafka_clusters is empty");
  }

  @Test
  void row4_olderWay_deadLettersGoToAnotherTopic() {
    assertProblem(
        "kafka_topic: x\nkafka_deadletter_topic: x",
        "kafka_deadletter_topic 'x' must differ from the consumed topic 'x'");
  }

  @Test
  void row5_olderWay_retriesDoNotGoToTheDeadLetterTopic() {
    assertProblem(
        "kafka_retry_topic: x\nkafka_deadletter_topic: x",
        "kafka_retry_topic 'x' must differ from kafka_deadletter_topic");
  }

  @Test
  void row6_aTopicsClusterIsDeclared() {
    assertProblem(
        TWO_CONSUMED.replace("a: {cluster: main", "a: {cluster: mian") + "kafka_retry_topic: a",
        "topic 'a' references unknown cluster 'mian'");
  }

  @Test
  void row7_somethingIsConsumed() {
    assertProblem(
        """
        kafka_clusters: {main: {address: "k:1"}}
        kafka_deadletter_topic: d
        kafka_topics: {d: {cluster: main, consumer_group: g, produce_only: true}}
        """,
        "no consumable topic");
  }

  @Test
  void row8_theDeadLetterTopicIsDeclared() {
    assertProblem(
        TWO_CONSUMED.replace("kafka_deadletter_topic: d", "kafka_deadletter_topic: x")
            + "kafka_retry_topic: a",
        "kafka_deadletter_topic 'x' is not defined in kafka_topics");
  }

  @Test
  void row9_withARawTopicTheRetryTopicIsNamed() {
    assertProblem(
        RAW, "kafka_retry_topic must be set explicitly when a consumed topic uses raw mode");
  }

  @Test
  void row10_theOnlyConsumedTopicTakesRetries() {
    Reading reading = Reading.of("kafka_topic: x");

    assertThat(reading.findings().problems()).isEmpty();
    assertThat(reading.at("kafka_retry_topic")).isEqualTo("x");
  }

  @Test
  void row11_amongSeveralConsumedTopicsTheRetryTopicIsNamed() {
    assertProblem(
        TWO_CONSUMED, "kafka_retry_topic is required when consuming from multiple topics");
  }

  @Test
  void row12_theRetryTopicIsDeclared() {
    assertProblem(
        TWO_CONSUMED + "kafka_retry_topic: x",
        "kafka_retry_topic 'x' is not defined in kafka_topics");
  }

  @Test
  void row13_retriesAndDeadLettersShareACluster() {
    assertProblem(
        """
        kafka_clusters: {main: {address: "k:1"}, other: {address: "k:2"}}
        kafka_deadletter_topic: d
        kafka_topics:
          a: {cluster: main, consumer_group: g}
          d: {cluster: other, consumer_group: g, produce_only: true}
        """,
        "they share a single producer and must be on the same cluster");
    assertProblem(
        "kafka_deadletter_cluster: other:1",
        "they share a single producer and must be on the same cluster");
  }

  @Test
  void row13_clustersOfOneAddressAreTheSame() {
    assertThat(
            problems(
                """
                kafka_clusters: {main: {address: "k:1"}, other: {address: "k:1"}}
                kafka_deadletter_topic: d
                kafka_topics:
                  a: {cluster: main, consumer_group: g}
                  d: {cluster: other, consumer_group: g, produce_only: true}
                """))
        .isEmpty();
  }

  @Test
  void row14_aRawTopicSaysWhatItsRecordsAre() {
    String bare =
        """
        kafka_clusters: {main: {address: "k:1"}}
        kafka_deadletter_topic: d
        kafka_retry_topic: d
        kafka_topics:
          r: {cluster: main, consumer_group: g, raw: {}}
          d: {cluster: main, consumer_group: g, produce_only: true}
        """;

    assertThat(problems(bare))
        .hasSize(4)
        .allMatch(problem -> problem.contains("'r'"))
        .anyMatch(problem -> problem.contains("raw.application"))
        .anyMatch(problem -> problem.contains("raw.namespace"))
        .anyMatch(problem -> problem.contains("raw.taskname"))
        .anyMatch(problem -> problem.contains("raw.processing_deadline_duration"));
    assertProblem(
        RAW.replace("application: sentry", "application: other") + "kafka_retry_topic: t",
        "topic 'r': raw.application 'other' is not in worker_map");
  }

  @Test
  void row14_holdsForTopicsThatAreNotConsumed() {
    assertThat(
            problems(
                TWO_CONSUMED.replace("produce_only: true}", "produce_only: true, raw: {}}")
                    + "kafka_retry_topic: a"))
        .hasSize(4)
        .anyMatch(problem -> problem.startsWith("topic 'd' is raw: raw.taskname is missing ("));
  }

  @Test
  void rawTopics_areSettingsOfTheirTasks() {
    assertThat(Reading.load(RAW + "kafka_retry_topic: t").settings().rawTopics())
        .containsExactly(Map.entry("r", new RawTopicSettings("sentry", "n", "t", 5, 3)));
  }

  @ParameterizedTest
  @CsvSource({"-1,", "0,0", "-2,-2", "19,19"})
  void rawTopics_areCompressedUnlessTheLevelIsMinusOne(int level, @Nullable Integer expected) {
    String yaml =
        RAW.replace("duration: 5", "duration: 5, compression_level: " + level)
            + "kafka_retry_topic: t";

    assertThat(Reading.load(yaml).settings().rawTopics().values())
        .containsExactly(new RawTopicSettings("sentry", "n", "t", 5, expected));
  }

  @Test
  void row15_retriesDoNotGoToARawTopic() {
    assertProblem(RAW + "kafka_retry_topic: r", "kafka_retry_topic must differ from raw topic 'r'");
  }

  @Test
  void severalMistakesAreReportedTogether() {
    assertThat(
            problems(
                TWO_CONSUMED
                        .replace("a: {cluster: main", "a: {cluster: mian")
                        .replace("kafka_deadletter_topic: d", "kafka_deadletter_topic: x")
                    + "kafka_retry_topic: y"))
        .hasSize(3);
  }

  @Test
  void nothingConfiguredMeansOneTopicAtTheUsualPlace() {
    Reading reading = Reading.of("");

    assertThat(names(reading)).containsExactly("taskworker", "taskworker-dlq");
    assertThat(topic(reading, "taskworker"))
        .containsEntry("cluster", "default")
        .containsEntry("consumer_group", "taskworker")
        .containsEntry("produce_only", false);
    assertThat(topic(reading, "taskworker-dlq"))
        .containsEntry("cluster", "deadletter")
        .containsEntry("produce_only", true);
    assertThat(cluster(reading, "default")).containsEntry("address", "127.0.0.1:9092");
    assertThat(cluster(reading, "deadletter")).containsEntry("address", "127.0.0.1:9092");
    assertThat(reading.at("kafka_retry_topic")).isEqualTo("taskworker");
  }

  @Test
  void theOlderWayIsSaidInTopicsAndClusters() {
    Reading reading =
        Reading.of(
            """
            kafka_topic: t
            kafka_cluster: k:1
            kafka_consumer_group: g
            kafka_security_protocol: sasl_ssl
            kafka_sasl_mechanism: PLAIN
            kafka_sasl_username: u
            kafka_sasl_password: p
            kafka_ssl_ca_location: /ca
            kafka_ssl_certificate_location: /cert
            kafka_ssl_key_location: /key
            kafka_retry_topic: retry
            kafka_deadletter_topic: d
            """);

    assertThat(reading.findings().problems()).isEmpty();
    assertThat(names(reading)).containsExactly("d", "retry", "t");
    assertThat(topic(reading, "t")).containsEntry("consumer_group", "g");
    assertThat(topic(reading, "retry"))
        .containsEntry("cluster", "deadletter")
        .containsEntry("consumer_group", "g")
        .containsEntry("produce_only", true);
    assertThat(cluster(reading, "default"))
        .containsAllEntriesOf(
            Map.of(
                "address", "k:1",
                "security_protocol", "sasl_ssl",
                "sasl_mechanism", "PLAIN",
                "sasl_username", "u",
                "sasl_password", "p",
                "ssl_ca_location", "/ca",
                "ssl_certificate_location", "/cert",
                "ssl_key_location", "/key"));
    // Security is never inherited.
    assertThat(cluster(reading, "deadletter"))
        .containsEntry("address", "k:1")
        .doesNotContainKeys("security_protocol", "sasl_password", "ssl_ca_location");
  }

  @Test
  void theOlderWayHasSecurityOfItsOwnForDeadLetters() {
    Reading reading =
        Reading.of(
            """
            kafka_deadletter_cluster: 127.0.0.1:9092
            kafka_deadletter_security_protocol: sasl_plaintext
            kafka_deadletter_sasl_mechanism: SCRAM-SHA-512
            kafka_deadletter_sasl_username: u
            kafka_deadletter_sasl_password: p
            kafka_deadletter_ssl_ca_location: /ca
            kafka_deadletter_ssl_certificate_location: /cert
            kafka_deadletter_ssl_key_location: /key
            """);

    assertThat(cluster(reading, "deadletter"))
        .containsAllEntriesOf(
            Map.of(
                "security_protocol", "sasl_plaintext",
                "sasl_mechanism", "SCRAM-SHA-512",
                "sasl_username", "u",
                "sasl_password", "p",
                "ssl_ca_location", "/ca",
                "ssl_certificate_location", "/cert",
                "ssl_key_location", "/key"));
    assertThat(cluster(reading, "default")).doesNotContainKey("sasl_password");
  }

  @Test
  void theOlderWayKnowsRawTopics() {
    String yaml =
        """
        raw_mode: true
        raw_namespace: n
        raw_application: sentry
        raw_taskname: t
        kafka_retry_topic: retry
        """;

    assertThat(problems(yaml)).isEmpty();
    assertThat(topic(Reading.of(yaml), "taskworker"))
        .containsEntry("raw.namespace", "n")
        .containsEntry("raw.processing_deadline_duration", 30)
        .containsEntry("raw.compression_level", 3);
    assertThat(topic(Reading.of(yaml.replace("true", "false")), "taskworker"))
        .doesNotContainKey("raw.namespace");
  }

  @Test
  void theMainTopicMayBeTheRetryTopicInTheOlderWay() {
    Reading reading = Reading.of("kafka_retry_topic: taskworker");

    assertThat(reading.findings().problems()).isEmpty();
    assertThat(topic(reading, "taskworker")).containsEntry("produce_only", false);
  }

  @Test
  void keysOfTheOlderWayWarn() {
    assertThat(
            Reading.of("kafka_topic: t\nkafka_cluster: c\nkafka_consumer_group: g\nraw_mode: false")
                .findings()
                .warnings())
        .hasSize(4)
        .allMatch(warning -> warning.contains("is deprecated"));
    assertThat(Reading.of("").findings().warnings()).isEmpty();
  }

  @Test
  void wrongEntriesAreSaidWithTheirPath() {
    assertThat(
            problems(
                """
                kafka_clusters: {main: "k:1", other: {adress: x}}
                kafka_topics:
                  a: {cluster: main}
                  b.c: {cluster: main, consumer_group: g, session_timeout_ms: 0}
                """))
        .anyMatch(problem -> problem.matches("kafka_clusters.main \\(.*\\): expects a mapping.*"))
        .anyMatch(problem -> problem.matches("kafka_clusters.other.address \\(.*:1\\): is missing"))
        .anyMatch(
            problem -> problem.matches("kafka_topics.a.consumer_group \\(.*:3\\): is missing"))
        .anyMatch(problem -> problem.startsWith("kafka_topics.b.c.session_timeout_ms ("))
        .noneMatch(problem -> problem.contains("unknown cluster"));
    assertThat(Reading.of("kafka_clusters: {other: {adress: x}}").findings().warnings())
        .singleElement()
        .asString()
        .contains("kafka_clusters.other.adress")
        .contains("Did you mean kafka_clusters.other.address?");
  }

  private static void assertProblem(String yaml, String text) {
    assertThat(problems(yaml)).singleElement().asString().contains(text);
  }

  private static List<String> problems(String yaml) {
    return Reading.of(yaml).findings().problems();
  }

  private static List<String> names(Reading reading) {
    return List.copyOf(reading.values().entries(KafkaKeys.TOPICS).keySet());
  }

  private static Map<String, Object> topic(Reading reading, String name) {
    return entry(reading, KafkaKeys.TOPICS, name);
  }

  private static Map<String, Object> cluster(Reading reading, String name) {
    return entry(reading, KafkaKeys.CLUSTERS, name);
  }

  private static Map<String, Object> entry(Reading reading, SettingMap map, String name) {
    Map<String, Object> printed = new TreeMap<>();
    Values entry = requireNonNull(reading.values().entries(map).get(name));
    for (Setting<?> setting : map.keys()) {
      Object value = Reading.printed(setting, entry);
      if (value != null) {
        printed.put(setting.path(), value);
      }
    }
    return printed;
  }
}
