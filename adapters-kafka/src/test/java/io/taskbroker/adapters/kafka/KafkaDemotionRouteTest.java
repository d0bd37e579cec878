package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.application.upkeep.Publisher;
import io.taskbroker.application.upkeep.Publisher.Fate;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.testkit.log.CapturedLog;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaDemotionRouteTest {
  private static final String HERE = "127.0.0.1:9092";
  private static final String ELSEWHERE = "127.0.0.1:9093";
  private static final String FARTHER = "127.0.0.1:9094";

  private static final Publisher OWN =
      (_, records) -> records.stream().<Fate>map(_ -> new Fate.Acknowledged()).toList();

  private static final KafkaSecuritySettings SECURED =
      new KafkaSecuritySettings("sasl_plaintext", "PLAIN", "u", "p", null, null, null);

  @Test
  void withoutFurtherWords_itIsTheConfiguredTopicOfTheDeadLettersCluster() {
    try (var route = route(KafkaSecuritySettings.NONE)) {
      assertThat(route.topic(demotion(null, null))).isEqualTo("tasks-long");
      assertThat(route.publisher(demotion(null, null))).isSameAs(OWN);
      assertThat(route.publisher(demotion(null, HERE))).isSameAs(OWN);
    }
  }

  @Test
  void namedTopicAndCluster_areUsed_andTheirPublisherIsKept() {
    try (var route = route(KafkaSecuritySettings.NONE)) {
      Publisher first = route.publisher(demotion("slow", ELSEWHERE));

      assertThat(route.topic(demotion("slow", ELSEWHERE))).isEqualTo("slow");
      assertThat(first).isNotSameAs(OWN);
      assertThat(route.publisher(demotion("other", ELSEWHERE))).isSameAs(first);
    }
  }

  /** Each keeps threads and connections, and rules come and go. */
  @Test
  void publisherOfAClusterThatNoRuleNamesAnyMore_isClosed() {
    try (var route = route(KafkaSecuritySettings.NONE)) {
      Publisher first = route.publisher(demotion("slow", ELSEWHERE));
      Publisher second = route.publisher(demotion("slow", FARTHER));

      assertThat(fateOf(first)).asString().contains("closed");
      assertThat(route.publisher(demotion(null, null))).isSameAs(OWN);
      assertThat(fateOf(second)).asString().contains("closed");
      assertThat(route.publisher(demotion("slow", ELSEWHERE))).isNotSameAs(first);
    }
  }

  @Test
  void whatWouldComeBack_isKnownByTopicAndCluster() {
    try (var route = route(KafkaSecuritySettings.NONE)) {
      assertThat(route.returnsHere(demotion("tasks", null))).isTrue();
      assertThat(route.returnsHere(demotion("tasks", HERE))).isTrue();
      assertThat(route.returnsHere(demotion("paused", null))).isTrue();
      assertThat(route.returnsHere(demotion("tasks", ELSEWHERE))).isFalse();
      assertThat(route.returnsHere(demotion("tasks-dlq", null))).isFalse();
      assertThat(route.returnsHere(demotion(null, null))).isFalse();
    }
  }

  /** A file of rules may name the cluster in other words than the configuration does. */
  @ParameterizedTest
  @ValueSource(
      strings = {"127.0.0.1", "PLAINTEXT://127.0.0.1:9092", " 127.0.0.1:9092,127.0.0.1:9094"})
  void whatWouldComeBack_isKnownHoweverItsClusterIsNamed(String cluster) {
    try (var route = route(KafkaSecuritySettings.NONE)) {
      assertThat(route.returnsHere(demotion("tasks", cluster))).isTrue();
      assertThat(route.returnsHere(demotion("tasks-dlq", cluster))).isFalse();
    }
  }

  @Test
  void borrowedSecuritySettings_areMentionedOnceForEachCluster() {
    try (var log = new CapturedLog("taskbroker::kafka::producer");
        var route = route(SECURED)) {
      route.publisher(demotion(null, null));
      assertThat(log.lines()).isEmpty();

      route.publisher(demotion(null, ELSEWHERE));
      route.publisher(demotion(null, ELSEWHERE));

      assertThat(log.lines()).singleElement().asString().contains(ELSEWHERE).doesNotContain("p;");
    }
  }

  @Test
  void plainClusters_areNotMentioned() {
    try (var log = new CapturedLog("taskbroker::kafka::producer");
        var route = route(KafkaSecuritySettings.NONE)) {
      route.publisher(demotion(null, ELSEWHERE));

      assertThat(log.lines()).isEmpty();
    }
  }

  @Test
  void afterItsEnd_nothingIsPublishedElsewhere() {
    var route = route(KafkaSecuritySettings.NONE);
    route.close();

    assertThat(fateOf(route.publisher(demotion("slow", ELSEWHERE))))
        .isInstanceOf(Fate.NotNow.class);
  }

  private static Fate fateOf(Publisher publisher) {
    return publisher
        .publish(
            "slow",
            List.of(new OutgoingRecord(new byte[1], Map.of(), null, Delivery.AT_LEAST_ONCE)))
        .getFirst();
  }

  private static Demotion demotion(@Nullable String topic, @Nullable String cluster) {
    return new Demotion(Set.of("n"), topic, cluster);
  }

  private static KafkaDemotionRoute route(KafkaSecuritySettings security) {
    var cluster = new KafkaClusterSettings("main", HERE, security);
    KafkaTopicSettings tasks = topic("tasks", cluster, Use.CONSUMED);
    KafkaTopicSettings deadLetters = topic("tasks-dlq", cluster, Use.PRODUCE_ONLY);
    KafkaTopicSettings paused = topic("paused", cluster, Use.CONSUMER_DISABLED);
    return new KafkaDemotionRoute(
        new KafkaSettings(
            List.of(paused, tasks, deadLetters),
            deadLetters,
            tasks,
            "tasks-long",
            false,
            1,
            Duration.ofMillis(500),
            1_000_000),
        OWN,
        new HostClock(IntakeBench.TIME));
  }

  private static KafkaTopicSettings topic(String name, KafkaClusterSettings cluster, Use use) {
    return TopicSettings.of(name, cluster, use);
  }
}
