package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.reading.Setting;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every key: its default, a value from the file and from the environment, and a refused one. */
class SettingsTest {
  /**
   * Key, default, another value as YAML, the same for the environment, the same as it is printed,
   * and a value that must be refused.
   */
  private static final String KEYS =
      """
      log_filter               | info,librdkafka=warn,h2=off | error    | error    | error   | 5
      log_format               | text                   | json          | json     | json    | JSON
      statsd_addr              | 127.0.0.1:8126         | localhost:1   | localhost:1 | localhost:1 | localhost
      default_metrics_tags     | {}                     | {a: b}        | {a=b}    | {a=b}   | {a: 1}
      http_addr                | 0.0.0.0                | localhost     | localhost | localhost | ""
      http_port                | 0                      | 9102          | 9102     | 9102    | 65536
      http_max_connections     | 256                    | 1000          | 1000     | 1000    | 7
      http_max_connections_per_address | 0               | 8             | 8        | 8       | 65536
      admin.addr               | 127.0.0.1              | localhost     | localhost | localhost | ""
      admin.port               | 0                      | 9103          | 9103     | 9103    | 65536
      admin.tls                | false                  | true          | true     | true    | yes
      admin.max_connections    | 256                    | 1000          | 1000     | 1000    | 7
      admin.tokens             | {}                     | {a: "viewer:0123456789abcdef"} | {a=viewer:0123456789abcdef} | {a=viewer:0123456789abcdef} | {a: "boss:0123456789abcdef"}
      admin.without_token      | viewer                 | none          | admin    | -       | boss
      admin.hosts              | []                     | [a, b]        | ["a",b]  | [a, b]  | a
      admin.arguments          | operator               | viewer        | viewer   | viewer  | none
      admin.name               | local                  | a             | a        | a       | ""
      admin.brokers            | {}                     | {a: "http://h:1"} | {a=http://h:1} | {a=http://h:1} | {a: "h:1"}
      admin.broker_tokens      | {}                     | {a: secret}   | {a=secret} | {a=secret} | {a: "a b"}
      runtime_metrics_interval | 1s                     | 42s           | 42s      | 42s     | 0ms
      log_async_backtrace      | false                  | true          | true     | true    | yes
      sentry_dsn               | -                      | https://k@h/1 | https://k@h/1 | https://k@h/1 | https://h/1
      sentry_env               | -                      | live          | live     | live    | 1.5
      traces_sample_rate       | 0.0                    | 1             | 0.5      | -       | 1.5
      grpc_addr                | 0.0.0.0                | localhost     | localhost | localhost | 0.0.0.0:5
      grpc_port                | 50051                  | 0             | 0        | 0       | 65536
      grpc_shared_secret       | []                     | [a, b]        | ["a",b]  | [a, b]  | a
      grpc_tls_certificate     | -                      | /c            | /c       | /c      | 1
      grpc_tls_key             | -                      | /k            | /k       | /k      | 1
      grpc_tls_client_ca       | -                      | /ca           | /ca      | /ca     | 1
      grpc_tls_client_auth     | required               | optional      | optional | optional | Required
      grpc_max_connections     | 4000                   | 10            | 10       | 10      | 0
      grpc_max_connections_per_address | 0               | 8             | 8        | 8       | -1
      grpc.max_wait            | 30s                    | 5s            | 5s       | 5s      | 30
      grpc.max_waiters         | 10000                  | 7             | 7        | 7       | -1
      exchange.heartbeat       | 30s                    | 5s            | 5s       | 5s      | 999ms
      grpc_max_message_size    | 54525952               | 1             | 1        | 1       | -1
      kafka_deadletter_topic   | taskworker-dlq         | d             | d        | d       | 7
      kafka_retry_topic        | taskworker             | r             | r        | r       | 7
      kafka_long_topic         | taskworker-long        | l             | l        | l       | 7
      create_missing_topics    | false                  | true          | true     | true    | "true"
      default_topic_partitions | 1                      | 3             | 3        | 3       | 2147483648
      kafka_session_timeout_ms | 6000                   | 10000         | 10000    | 10000   | 0
      kafka_auto_commit_interval_ms | 5000              | 100           | 100      | 100     | 86400001
      kafka_auto_offset_reset  | earliest               | end           | end      | latest  | newest
      kafka_send_timeout_ms    | 500                    | 0             | 0        | 0       | 500ms
      max_message_size         | 5000000                | 1000          | 1000     | 1000    | 999
      max_deliverable_size     | 10485760               | 1000          | 1000     | 1000    | 0
      store.adapter            | sqlite                 | postgres      | postgres | postgres | Sqlite
      store.insert_failure_backoff_ms | 4000            | 1             | 1        | 1       | 1.5
      store.insert_batch_max_length | 256               | 1             | 1        | 1       | 0
      store.insert_batch_max_bytes | 16000000           | 1             | 1        | 1       | -5
      store.insert_batch_max_time_ms | 1000             | 1             | 1        | 1       | 0
      store.max_size           | 3000000000             | 0x10          | 16       | 16      | x
      store.max_wal_size       | 536870912              | 67108864      | 67108864 | 67108864 | 1
      store.max_pending_count  | 2048                   | 18446744073709551615 | 18446744073709551615 | 9223372036854775807 | 18446744073709551616
      store.max_delay_count    | 8192                   | 1             | 1        | 1       | "1"
      store.max_processing_count | 2048                 | 1             | 1        | 1       | 01
      store.max_outbox_count   | 65536                  | 1             | 1        | 1       | 0
      store.max_processing_attempts | 5                 | 0             | 0        | 0       | -1
      store.processing_deadline_grace_sec | 3           | 0             | 0        | 0       | 3s
      store.sync_every_commit  | false                  | true          | true     | true    | on
      store.keep_failed_for    | 86400s                 | 0s            | 0s       | 0s      | 5
      store.keep_failed_count  | 10000                  | 0             | 0        | 0       | 1000001
      store.keep_ended_for     | 600s                   | 0s            | 0s       | 0s      | 5
      store.keep_ended_count   | 10000                  | 0             | 0        | 0       | 1000001
      store.contention_drain_age_sec | 60               | 1             | 1        | 1       | []
      store.retry.max_retries  | 3                      | 0             | 0        | 0       | 4294967296
      store.retry.delay        | 100ms                  | 1s            | 1s       | 1s      | 1
      store.sqlite.path        | ./taskbroker-inflight.sqlite | /x      | /x       | /x      | " "
      store.sqlite.file_mode   | 0640                         | "0600"  | "0600"   | 0600    | 0440
      store.sqlite.enable_status_metrics | true         | false         | false    | false   | 0
      store.sqlite.vacuum_page_count | -                | 7             | 7        | 7       | 0
      store.pg.run_migrations  | false                  | true          | true     | true    | 1
      store.pg.host            | sentry-postgres-1      | h             | h        | h       | 1
      store.pg.port            | 5432                   | 1             | 1        | 1       | 65536
      store.pg.username        | postgres               | u             | u        | u       | 1
      store.pg.password        | password               | "1"           | "1"      | 1       | 1
      store.pg.ddl_username    | postgres               | u             | u        | u       | true
      store.pg.ddl_password    | password               | p             | 'p'      | p       | 1.0
      store.pg.database_name   | default                | d             | d        | d       | {}
      store.pg.default_database_name | postgres         | d             | d        | d       | [d]
      store.pg.query_params    | -                      | a=b           | a=b      | a=b     | 1
      runtime_config_path      | -                      | r.yml         | r.yml    | r.yml   | 1
      upkeep_task_interval_ms  | 1000                   | 1             | 1        | 1       | 0
      upkeep_unhealthy_interval_ms | 5000               | 0             | 0        | 0       | -1
      health_check_killswitched | false                 | TRUE          | true     | true    | off
      upkeep_deadline_reset_skip_after_startup_sec | 60 | 0             | 0        | 0       | 1m
      maintenance_task_interval_ms | 6000               | 1             | 1        | 1       | 0
      max_delayed_task_allowed_sec | -                  | 3600          | 3600     | 3600    | 1h
      full_vacuum_on_start     | false                  | true          | true     | true    | 1
      full_vacuum_on_upkeep    | false                  | true          | true     | true    | 1
      vacuum_interval_ms       | 30000                  | 1             | 1        | 1       | never
      canary_tasks             | 0                      | 5             | 5        | 5       | 4294967296
      rehearsal                | 20s                    | 0s            | 0s       | 0s      | 61s
      delivery_mode            | pull                   | push          | push     | push    | Push
      worker_map               | {sentry=http://127.0.0.1:50052} | {a: "http://w:1"} | {a=http://w:1} | {a=http://w:1} | {}
      push.tls.ca              | -                      | /ca           | /ca      | /ca     | 1
      push.tls.certificate     | -                      | /c            | /c       | /c      | 1
      push.tls.key             | -                      | /k            | /k       | /k      | 1
      fetch.threads            | 1                      | 256           | 256      | 256     | 3
      fetch.backoff            | 100ms                  | 0ms           | 0ms      | 0s      | 100
      fetch.batch_length       | 1                      | 2             | 2        | 2       | 0
      push.threads             | 1                      | 2             | 2        | 2       | 0
      push.timeout             | 30s                    | 1s            | 1s       | 1s      | 0s
      push.queue.size          | 1                      | 2             | 2        | 2       | 0
      push.queue.timeout       | 5s                     | +5s           | +5s      | 5s      | 0ms
      push.update.batched      | false                  | true          | true     | true    | No
      push.update.batch.length | 1                      | 2             | 2        | 2       | 0
      push.update.batch.size   | 1                      | 2             | 2        | 2       | 0
      push.update.batch.interval | 100ms                | 1ms           | 1ms      | 1ms     | 1 ms
      batch_status_updates     | false                  | true          | true     | true    | 1
      status_update_batch_size | 1                      | 2             | 2        | 2       | 0
      status_update_interval_ms | 100                   | 2             | 2        | 2       | 0
      kafka_topic              | -                      | t             | t        | t       | 1
      kafka_cluster            | -                      | c:1           | c:1      | c:1     | 1
      kafka_consumer_group     | -                      | g             | g        | g       | 1
      kafka_security_protocol  | -                      | SASL_SSL      | sasl_ssl | -       | tls
      kafka_sasl_mechanism     | -                      | scram-sha-256 | scram-sha-256 | scram-sha-256 | oauth
      kafka_sasl_username      | -                      | u             | u        | u       | 1
      kafka_sasl_password      | -                      | p             | p        | p       | 1
      kafka_ssl_ca_location    | -                      | /ca           | /ca      | /ca     | 1
      kafka_ssl_certificate_location | -                | /c            | /c       | /c      | 1
      kafka_ssl_key_location   | -                      | /k            | /k       | /k      | 1
      kafka_deadletter_cluster | -                      | c:1           | c:1      | c:1     | 1
      kafka_deadletter_security_protocol | -            | ssl           | ssl      | ssl     | tls
      kafka_deadletter_sasl_mechanism | -               | PLAIN         | PLAIN    | PLAIN   | x
      kafka_deadletter_sasl_username | -                | u             | u        | u       | 1
      kafka_deadletter_sasl_password | -                | p             | p        | p       | 1
      kafka_deadletter_ssl_ca_location | -              | /ca           | /ca      | /ca     | 1
      kafka_deadletter_ssl_certificate_location | -     | /c            | /c       | /c      | 1
      kafka_deadletter_ssl_key_location | -             | /k            | /k       | /k      | 1
      raw_mode                 | -                      | false         | false    | false   | 0
      raw_namespace            | -                      | n             | n        | n       | 1
      raw_application          | -                      | a             | a        | a       | 1
      raw_taskname             | -                      | t             | t        | t       | 1
      raw_processing_deadline_duration | 30             | 65535         | 65535    | 65535   | 65536
      """;

  record Key(
      String path, String fallback, String yaml, String variable, String printed, String refused) {
    static Key of(String line) {
      List<String> cells = Stream.of(line.split("\\s+\\|\\s+", -1)).map(String::strip).toList();
      return new Key(
          cells.get(0), cells.get(1), cells.get(2), cells.get(3), cells.get(4), cells.get(5));
    }

    String inFile(String value) {
      List<String> levels = List.of(path.split("\\."));
      var text = new StringBuilder();
      for (int level = 0; level < levels.size(); level++) {
        text.append("  ".repeat(level)).append(levels.get(level)).append(':');
        text.append(level + 1 < levels.size() ? "\n" : " " + value + "\n");
      }
      return text.toString();
    }

    @Override
    public String toString() {
      return path;
    }
  }

  static Stream<Key> keys() {
    return KEYS.lines().map(Key::of);
  }

  @Test
  void everyDeclaredKeyIsInTheTable() {
    assertThat(keys().map(Key::path))
        .containsExactlyInAnyOrderElementsOf(Settings.CATALOGUE.all().map(Setting::path).toList());
  }

  @ParameterizedTest
  @MethodSource("keys")
  void hasItsDefault(Key key) {
    Object expected = key.fallback().equals("-") ? "null" : key.fallback();

    assertThat(String.valueOf(Reading.of("").at(key.path()))).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void isReadFromTheFile(Key key) {
    Reading reading = Reading.of(key.inFile(key.yaml()));

    String expected = key.printed().equals("-") ? fromFile(key) : key.printed();
    assertThat(String.valueOf(reading.at(key.path()))).isEqualTo(expected);
    assertThat(reading.findings().problems()).noneMatch(problem -> problem.contains("expects"));
    assertThat(reading.findings().problems()).noneMatch(problem -> problem.contains(": must "));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void isReadFromTheEnvironment(Key key) {
    Reading reading =
        Reading.of(
            "", Settings.CATALOGUE.environment().variableFor(key.path()) + "=" + key.variable());

    String expected = key.printed().equals("-") ? key.variable() : key.printed();
    assertThat(String.valueOf(reading.at(key.path()))).isEqualTo(expected);
    assertThat(reading.findings().problems()).noneMatch(problem -> problem.contains("expects"));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void refusesWhatItCannotBe(Key key) {
    Reading reading = Reading.of(key.inFile(key.refused()));

    assertThat(reading.findings().problems())
        .anyMatch(problem -> problem.startsWith(key.path() + " (") && problem.contains(".yml:"));
  }

  /** Where the two are written differently and printed as written. */
  private static String fromFile(Key key) {
    return key.path().equals("traces_sample_rate") ? "1.0" : key.yaml();
  }

  @ParameterizedTest
  @MethodSource("keys")
  void emptyUnsetsWhatMayBeUnsetAndIsRefusedElsewhere(Key key) {
    Setting<?> setting =
        Settings.CATALOGUE.all().filter(s -> s.path().equals(key.path())).findFirst().orElseThrow();

    Reading reading = Reading.of(key.inFile(""));

    if (setting.absence() == Setting.Absence.MEANS_UNSET) {
      assertThat(reading.findings().problems()).isEmpty();
    } else {
      assertThat(reading.findings().problems())
          .anyMatch(
              problem -> problem.startsWith(key.path() + " (") && problem.contains("is empty"));
    }
  }
}
