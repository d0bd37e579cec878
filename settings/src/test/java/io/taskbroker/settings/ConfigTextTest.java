package io.taskbroker.settings;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.taskbroker.settings.reading.ConfigText;
import io.taskbroker.settings.reading.Node;
import io.taskbroker.settings.reading.Nodes;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigTextTest {
  private static final String SECRETS =
      """
      sentry_dsn: https://hidden@sentry.example/1
      grpc_shared_secret: [hidden1, hidden2]
      kafka_clusters:
        main: {address: "k:1", sasl_username: shown, sasl_password: hidden}
      kafka_topics:
        t: {cluster: main, consumer_group: g}
        d: {cluster: main, consumer_group: g, produce_only: true}
      kafka_deadletter_topic: d
      pg_password: hidden
      store: {pg: {ddl_password: hidden, query_params: password=hidden}}
      """;

  @Test
  void secretsAreStarsInBothTexts() {
    Configuration configuration = Reading.load(SECRETS);

    for (String text : List.of(configuration.redacted(), configuration.redactedWithOrigins())) {
      assertThat(text).doesNotContain("hidden").contains("shown");
      Node.Mapping read = Nodes.ofYaml(text);
      assertThat(plain(read, "sentry_dsn")).isEqualTo("******");
      assertThat(plain(read, "grpc_shared_secret")).isEqualTo(List.of("******", "******"));
      assertThat(plain(read, "kafka_clusters.main.sasl_password")).isEqualTo("******");
      assertThat(plain(read, "store.pg.password")).isEqualTo("******");
      assertThat(plain(read, "store.pg.ddl_password")).isEqualTo("******");
    }
  }

  @Test
  void unsetSecretsAreEmptyAndTheDatabasesAlwaysStars() {
    Node.Mapping read = Nodes.ofYaml(Reading.load("").redacted());

    assertThat(read.find("sentry_dsn")).isInstanceOf(Node.Null.class);
    assertThat(read.find("kafka_clusters.default.sasl_password")).isInstanceOf(Node.Null.class);
    assertThat(plain(read, "grpc_shared_secret")).isEqualTo(List.of());
    assertThat(plain(read, "store.pg.password")).isEqualTo("******");
  }

  @Test
  void secretsOfTheOlderWayAreStars() {
    Node.Mapping read =
        Nodes.ofYaml(
            Reading.load("kafka_sasl_password: hidden\nkafka_deadletter_sasl_password: hidden\n")
                .redacted());

    assertThat(plain(read, "kafka_sasl_password")).isEqualTo("******");
    assertThat(plain(read, "kafka_deadletter_sasl_password")).isEqualTo("******");
    assertThat(plain(read, "kafka_clusters.default.sasl_password")).isEqualTo("******");
  }

  @Test
  void theLogShowsNormalisedMapsAndMovedNamesAsEmpty() {
    Node.Mapping read =
        Nodes.ofYaml(Reading.load("kafka_topic: t\ndb_path: /x\nfetch_wait_ms: 42\n").redacted());

    assertThat(plain(read, "kafka_topics.t.cluster")).isEqualTo("default");
    assertThat(plain(read, "kafka_topic")).isEqualTo("t");
    assertThat(plain(read, "store.sqlite.path")).isEqualTo("/x");
    assertThat(read.find("db_path")).isInstanceOf(Node.Null.class);
    assertThat(plain(read, "fetch.backoff")).isEqualTo("42ms");
  }

  @Test
  void whatIsPrintedMeansTheSameWhenItIsReadAgain() {
    Configuration configuration =
        Reading.load(
            """
            sentry_env: "5"
            default_metrics_tags: {a: "true", "b: c": "x # y"}
            log_filter: "null"
            """);

    Node.Mapping read = Nodes.ofYaml(configuration.redactedWithOrigins());

    assertThat(plain(read, "sentry_env")).isEqualTo("5");
    assertThat(plain(read, "default_metrics_tags")).isEqualTo(Map.of("a", "true", "b: c", "x # y"));
    assertThat(plain(read, "log_filter")).isEqualTo("null");
  }

  @Test
  void originsAreShownBehindTheValues() {
    String text =
        Reading.load("db_path: /x\n\nkafka_topic: t\n", "TASKBROKER_GRPC_PORT=5")
            .redactedWithOrigins();

    assertThat(text)
        .containsPattern("(?m)^    path: /x # configuration[0-9]+.yml:1 as db_path$")
        .containsPattern("(?m)^grpc_port: 5 # TASKBROKER_GRPC_PORT$")
        .containsPattern("(?m)^grpc_addr: 0.0.0.0 # default$")
        .containsPattern("(?m)^kafka_topic: t # configuration[0-9]+.yml:3$")
        .containsPattern("(?m)^kafka_retry_topic: t # from the only consumed topic$");
  }

  private static Object plain(Node.Mapping read, String path) {
    Node node = requireNonNull(read.find(path), path);
    return requireNonNull(Nodes.plain(node), path);
  }

  @Test
  void lines_tellValueDefaultAndOrigin_withoutSecrets_andWithoutWhatChangesNothing() {
    Configuration configuration =
        Configuration.load(
            null,
            Path.of(""),
            Map.of(
                "TASKBROKER_STORE__MAX_PENDING_COUNT", "7",
                "TASKBROKER_GRPC_SHARED_SECRET", "[geheim]"));

    assertThat(configuration.lines().toString()).doesNotContain("geheim");
    assertThat(configuration.lines())
        .filteredOn(ConfigText.Line::isGiven)
        .extracting(ConfigText.Line::key, ConfigText.Line::value, ConfigText.Line::origin)
        .containsExactlyInAnyOrder(
            tuple("store.max_pending_count", "7", "TASKBROKER_STORE__MAX_PENDING_COUNT"),
            tuple("grpc_shared_secret", "[******]", "TASKBROKER_GRPC_SHARED_SECRET"));
    assertThat(configuration.lines())
        .filteredOn(line -> line.key().equals("store.max_pending_count"))
        .singleElement()
        .satisfies(line -> assertThat(line.fallback()).isEqualTo("2048"))
        .satisfies(line -> assertThat(line.meaning()).isNotBlank());
  }
}
