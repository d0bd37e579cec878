package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.kafka.KafkaTopicSettings;
import io.taskbroker.adapters.kafka.KafkaTopicSettings.OffsetReset;
import io.taskbroker.adapters.kafka.KafkaTopicSettings.Use;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConfigurationTest {
  @Test
  void theDefaultsReachTheRecords() {
    BrokerConfig config = Configuration.load(null, Path.of(""), Map.of()).settings();

    assertThat(config.grpc().address()).isEqualTo("0.0.0.0");
    assertThat(config.grpc().port()).isEqualTo(50051);
    assertThat(config.grpc().sharedSecrets()).isEmpty();
    assertThat(config.sqlite().file()).isEqualTo(Path.of("./taskbroker-inflight.sqlite"));
    assertThat(config.store().engine().deadlineGrace()).isEqualTo(Duration.ofSeconds(3));
    assertThat(config.store().engine().maxAttempts()).isEqualTo(5);
    assertThat(config.store().syncEveryCommit()).isFalse();
    assertThat(config.intake().batchRows()).isEqualTo(256);
    assertThat(config.intake().batchBytes()).isEqualTo(16_000_000);
    assertThat(config.intake().failureBackoff()).isEqualTo(Duration.ofSeconds(4));
    assertThat(config.intake().limits().maxPending()).isEqualTo(2048);
    assertThat(config.intake().limits().maxDelayed()).isEqualTo(8192);
    assertThat(config.intake().limits().maxProcessing()).isEqualTo(2048);
    assertThat(config.intake().limits().maxOutbox()).isEqualTo(65_536);
    assertThat(config.intake().limits().maxBytes()).isEqualTo(3_000_000_000L);
    assertThat(config.upkeep().interval()).isEqualTo(Duration.ofSeconds(1));
    assertThat(config.upkeep().startupGrace()).isEqualTo(Duration.ofSeconds(60));
    assertThat(config.health().unhealthyAfter()).isEqualTo(Duration.ofSeconds(5));
    assertThat(config.health().alwaysHealthy()).isFalse();
    assertThat(config.activations().maxDeliverableBytes()).isEqualTo(10_485_760);
    assertThat(config.activations().maxDelaySec()).isNull();
    assertThat(config.log().format()).isEqualTo(LogFormat.TEXT);
    assertThat(config.kafka().retryTopic().name()).isEqualTo("taskworker");
    assertThat(config.kafka().maxMessageBytes()).isEqualTo(5_000_000);
    assertThat(config.kafka().consumableTopics())
        .singleElement()
        .satisfies(
            topic -> {
              assertThat(topic.offsetReset()).isEqualTo(OffsetReset.EARLIEST);
              assertThat(topic.sessionTimeout()).isEqualTo(Duration.ofSeconds(6));
              assertThat(topic.autoCommitInterval()).isEqualTo(Duration.ofSeconds(5));
            });
  }

  @Test
  void everythingThatIsWrittenReachesTheRecords() {
    BrokerConfig config =
        Reading.load(
                """
                grpc_addr: localhost
                grpc_port: 0
                grpc_shared_secret: [one, two]
                kafka_clusters:
                  main:
                    address: "k:1"
                    security_protocol: sasl_ssl
                    sasl_mechanism: plain
                    sasl_username: u
                    sasl_password: p
                    ssl_ca_location: /ca
                    ssl_certificate_location: /cert
                    ssl_key_location: /key
                kafka_topics:
                  a:
                    cluster: main
                    consumer_group: ga
                    session_timeout_ms: 7000
                    auto_commit_interval_ms: 8000
                    auto_offset_reset: largest
                  b: {cluster: main, consumer_group: gb, consumer_disabled: true}
                  d: {cluster: main, consumer_group: gd, produce_only: true}
                kafka_deadletter_topic: d
                kafka_retry_topic: a
                kafka_long_topic: long
                create_missing_topics: true
                default_topic_partitions: 3
                kafka_session_timeout_ms: 9000
                kafka_send_timeout_ms: 600
                max_message_size: 2000
                max_deliverable_size: 3000
                max_delayed_task_allowed_sec: 3600
                upkeep_task_interval_ms: 100
                upkeep_unhealthy_interval_ms: 2000
                upkeep_deadline_reset_skip_after_startup_sec: 0
                maintenance_task_interval_ms: 500
                health_check_killswitched: true
                full_vacuum_on_start: true
                log_filter: debug
                log_format: json
                store:
                  max_size:
                  max_wal_size: 100000000
                  max_pending_count: 1
                  max_delay_count: 2
                  max_processing_count: 3
                  max_outbox_count: 4
                  max_processing_attempts: 6
                  processing_deadline_grace_sec: 7
                  sync_every_commit: true
                  insert_batch_max_length: 8
                  insert_batch_max_bytes: 9
                  insert_batch_max_time_ms: 10
                  insert_failure_backoff_ms: 11
                  sqlite: {path: /x, vacuum_page_count: 12}
                """)
            .settings();

    assertThat(config.grpc().isEnabled()).isFalse();
    assertThat(config.grpc().address()).isEqualTo("localhost");
    assertThat(config.grpc().sharedSecrets()).containsExactly("one", "two");
    KafkaTopicSettings a = config.kafka().topics().getFirst();
    assertThat(a.consumerGroup()).isEqualTo("ga");
    assertThat(a.use()).isEqualTo(Use.CONSUMED);
    assertThat(a.sessionTimeout()).isEqualTo(Duration.ofSeconds(7));
    assertThat(a.autoCommitInterval()).isEqualTo(Duration.ofSeconds(8));
    assertThat(a.offsetReset()).isEqualTo(OffsetReset.LATEST);
    assertThat(a.cluster().security().saslPassword()).isEqualTo("p");
    assertThat(a.cluster().security().keyLocation()).isEqualTo("/key");
    KafkaTopicSettings b = config.kafka().topics().get(1);
    assertThat(b.use()).isEqualTo(Use.CONSUMER_DISABLED);
    assertThat(b.sessionTimeout()).isEqualTo(Duration.ofSeconds(9));
    assertThat(config.kafka().deadletterTopic().use()).isEqualTo(Use.PRODUCE_ONLY);
    assertThat(config.kafka().retryTopic()).isEqualTo(a);
    assertThat(config.kafka().longTopic()).isEqualTo("long");
    assertThat(config.kafka().createMissingTopics()).isTrue();
    assertThat(config.kafka().partitionsOfNewTopics()).isEqualTo(3);
    assertThat(config.kafka().sendTimeout()).isEqualTo(Duration.ofMillis(600));
    assertThat(config.kafka().maxMessageBytes()).isEqualTo(2000);
    assertThat(config.activations().maxDeliverableBytes()).isEqualTo(3000);
    assertThat(config.activations().maxDelaySec()).isEqualTo(3600);
    assertThat(config.upkeep().interval()).isEqualTo(Duration.ofMillis(100));
    assertThat(config.upkeep().startupGrace()).isZero();
    assertThat(config.upkeep().reclaimInterval()).isEqualTo(Duration.ofMillis(500));
    assertThat(config.health().unhealthyAfter()).isEqualTo(Duration.ofSeconds(2));
    assertThat(config.health().alwaysHealthy()).isTrue();
    assertThat(config.log().filter()).isEqualTo("debug");
    assertThat(config.log().format()).isEqualTo(LogFormat.JSON);
    assertThat(config.intake().limits().maxBytes()).isNull();
    assertThat(config.intake().limits().maxLogBytes()).isEqualTo(100_000_000);
    assertThat(config.intake().limits().maxPending()).isEqualTo(1);
    assertThat(config.intake().limits().maxDelayed()).isEqualTo(2);
    assertThat(config.intake().limits().maxProcessing()).isEqualTo(3);
    assertThat(config.intake().limits().maxOutbox()).isEqualTo(4);
    assertThat(config.store().engine().maxAttempts()).isEqualTo(6);
    assertThat(config.store().engine().deadlineGrace()).isEqualTo(Duration.ofSeconds(7));
    assertThat(config.store().syncEveryCommit()).isTrue();
    assertThat(config.intake().batchRows()).isEqualTo(8);
    assertThat(config.intake().batchBytes()).isEqualTo(9);
    assertThat(config.intake().failureBackoff()).isEqualTo(Duration.ofMillis(11));
    assertThat(config.sqlite().file()).isEqualTo(Path.of("/x"));
    assertThat(config.sqlite().reclaimPages()).isEqualTo(12);
    assertThat(config.sqlite().rewriteAtStart()).isTrue();
  }

  @Test
  void theEnvironmentOverridesOneNestedValueOfTheFile() {
    BrokerConfig config =
        Reading.load(
                """
                kafka_clusters: {my_cluster: {address: "k:1"}}
                kafka_topics:
                  profiles: {cluster: other, consumer_group: g}
                  d: {cluster: my_cluster, consumer_group: g, produce_only: true}
                kafka_deadletter_topic: d
                """,
                "TASKBROKER_KAFKA_TOPICS__PROFILES__CLUSTER=my_cluster",
                "TASKBROKER_KAFKA_CLUSTERS__MY_CLUSTER__ADDRESS=10.0.0.2:9092")
            .settings();

    assertThat(config.kafka().producerCluster().address()).isEqualTo("10.0.0.2:9092");
    assertThat(config.kafka().topics().get(1).consumerGroup()).isEqualTo("g");
  }

  @Test
  void aGivenWorkerMapReplacesTheDefaultAndIsMergedAcrossSources() {
    Reading both =
        Reading.of(
            "worker_map: {a: \"http://a:1\"}", "TASKBROKER_WORKER_MAP={launchpad=http://l:2}");

    assertThat(both.at("worker_map"))
        .isEqualTo(Map.of("a", "http://a:1", "launchpad", "http://l:2"));
  }

  @Test
  void listsAreReplacedWhole() {
    assertThat(
            Reading.of("grpc_shared_secret: [a, b]", "TASKBROKER_GRPC_SHARED_SECRET=[c]")
                .at("grpc_shared_secret"))
        .isEqualTo(List.of("c"));
  }

  @Test
  void allMistakesAreReportedTogetherWithPlaceAndAdvice() {
    Configuration configuration =
        Reading.load(
            """
            grpc_port: "50051"
            fetch: {threads: 3, backoff: 5}
            log_format: Json
            """,
            "TASKBROKER_KAFKA_SASL_PASSWORD=12345");

    assertThatThrownBy(configuration::settings)
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("5 problems")
        .hasMessageContaining("grpc_port (")
        .hasMessageContaining("without quotes")
        .hasMessageContaining("fetch.threads (")
        .hasMessageContaining("power of two, but is 3")
        .hasMessageContaining("for example 250ms or 5s")
        .hasMessageContaining("Did you mean json?")
        .hasMessageContaining(
            "kafka_sasl_password (TASKBROKER_KAFKA_SASL_PASSWORD): expects a text, but is a whole"
                + " number. Put it in quotes, for example TASKBROKER_KAFKA_SASL_PASSWORD='\"…\"'");
  }

  @Test
  void aClusterIsCheckedAsAWhole() {
    assertThat(
            Reading.load(
                    """
                    kafka_security_protocol: sasl_ssl
                    kafka_sasl_username: u
                    kafka_deadletter_ssl_key_location: /k
                    grpc_port: x
                    """)
                .problems())
        .hasSize(3)
        .anyMatch(
            problem ->
                problem.startsWith("kafka_clusters.default: ")
                    && problem.contains("sasl_mechanism is missing")
                    && problem.contains("sasl_password is missing"))
        .anyMatch(problem -> problem.startsWith("kafka_clusters.deadletter: ssl_certificate"));
    assertThat(Reading.load("kafka_cluster: \"k:1:2\"").problems())
        .anyMatch(problem -> problem.startsWith("kafka_clusters.default: address must be"));
  }

  @Test
  void noSecretIsRepeatedInAnErrorText() {
    Configuration configuration =
        Reading.load(
            "kafka_sasl_password: 98765\nsentry_dsn: nonsense98765\ngrpc_shared_secret: 98765\n");

    assertThat(configuration.problems()).hasSize(3).noneMatch(text -> text.contains("98765"));
  }

  @Test
  void unknownKeysWarnWithASuggestionAndNothingMore() {
    Configuration configuration =
        Reading.load(
            """
            db_name: x
            max_pendig_count: 1
            max_size: 5
            stroe: {adapter: sqlite}
            store: {sqlite: {pth: /x}}
            """,
            "TASKBROKER_GRPC_PROT=1");

    assertThat(configuration.problems()).isEmpty();
    assertThat(configuration.warnings())
        .hasSize(6)
        .anyMatch(warning -> warning.startsWith("db_name ("))
        .anyMatch(warning -> warning.endsWith("Did you mean store.max_pending_count?"))
        .anyMatch(warning -> warning.endsWith("Did you mean store.max_size?"))
        .anyMatch(
            warning ->
                warning.startsWith("stroe.adapter (")
                    && warning.endsWith("Did you mean store.adapter?"))
        .anyMatch(
            warning ->
                warning.startsWith("store.sqlite.pth (")
                    && warning.endsWith("Did you mean store.sqlite.path?"))
        .anyMatch(warning -> warning.endsWith("Did you mean TASKBROKER_GRPC_PORT?"));
  }

  @Test
  void aValueWhereASectionIsExpectedIsAMistake() {
    assertThat(Reading.load("grpc_shared_secret: [good, '']").problems())
        .singleElement()
        .asString()
        .contains("grpc_shared_secret", "no empty secret")
        .doesNotContain("good");
    assertThat(Reading.load("store: sqlite").problems())
        .singleElement()
        .asString()
        .contains("store (")
        .contains("expects a mapping, but is the text 'sqlite'");
    assertThat(Reading.load("store:\n").problems()).isEmpty();
  }

  @Test
  void hardlyMeantValuesWarn() {
    assertThat(
            Reading.load(
                    """
                    full_vacuum_on_start: true
                    full_vacuum_on_upkeep: true
                    log_filter: info,loud,a=b
                    upkeep_task_interval_ms: 6000
                    store: {insert_batch_max_length: 20, max_pending_count: 10}
                    """)
                .warnings())
        .hasSize(6)
        .anyMatch(warning -> warning.contains("'loud' is ignored"))
        .anyMatch(warning -> warning.contains("'a=b' is ignored"));
  }

  @Test
  void theExampleInTheNewFormatIsUnderstood() {
    Reading reading =
        Reading.of(
            """
            delivery_mode: push
            grpc_port: 50061
            kafka_auto_offset_reset: earliest
            kafka_deadletter_topic: t-dlq
            kafka_clusters: {default: {address: "127.0.0.1:9092"}}
            kafka_topics:
              t: {cluster: default, consumer_group: t-grp}
              t-dlq: {cluster: default, consumer_group: t-dlq-grp, produce_only: true}
            worker_map: {sentry: "http://127.0.0.1:50062"}
            fetch: {threads: 1, batch_length: 64, backoff: 100ms}
            push:
              threads: 4
              timeout: 30s
              queue: {size: 16, timeout: 5s}
              update: {batched: false}
            store:
              adapter: postgres
              pg: {run_migrations: true, host: 127.0.0.1, port: 5432, username: postgres, password: password,
                   ddl_username: postgres, ddl_password: password, database_name: x1, default_database_name: postgres}
            """);

    assertThat(reading.findings().problems()).isEmpty();
    assertThat(reading.findings().warnings()).isEmpty();
    assertThat(reading.at("kafka_retry_topic")).isEqualTo("t");
    assertThat(reading.at("push.queue.size")).isEqualTo(16L);
  }

  @Test
  void theExampleWithOlderKeysIsUnderstood() {
    BrokerConfig config =
        Reading.load(
                """
                db_path: /data/inflight.sqlite
                max_pending_count: 15000
                kafka_topic: taskworker
                kafka_deadletter_topic: taskworker-dlq
                kafka_consumer_group: taskworker
                kafka_auto_offset_reset: earliest
                grpc_port: 50051
                """)
            .settings();

    assertThat(config.sqlite().file()).isEqualTo(Path.of("/data/inflight.sqlite"));
    assertThat(config.intake().limits().maxPending()).isEqualTo(15_000);
  }
}
