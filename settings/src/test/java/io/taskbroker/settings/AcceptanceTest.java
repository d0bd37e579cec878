package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.metrics.MetricsSettings;
import io.taskbroker.settings.reading.InvalidConfigException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What deployments write, and what becomes of it: taken as it is meant, or refused with a remedy.
 */
class AcceptanceTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://abc@sentry_web:9000/1",
        "https://abc@sentry_web/1",
        "http://abc@sentry-web:9000/1",
        "https://key:secret@o1.ingest.sentry.io/42",
        "http://abc@[::1]:9000/path/1"
      })
  void aDsnOfAnyHost(String dsn) {
    assertThat(Reading.load("sentry_dsn: '" + dsn + "'\n").problems()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://sentry_web/1", "http://abc@/1", "abc", "http://abc@host/x"})
  void noDsn(String dsn) {
    assertThat(Reading.load("sentry_dsn: '" + dsn + "'\n").problems())
        .singleElement()
        .asString()
        .contains("must be of the form https://KEY@HOST/PROJECT")
        .doesNotContain("abc");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"\"", "~"})
  void anEmptyTextSwitchesOff(String nothing) {
    var configuration =
        Reading.load(
            "sentry_dsn: %1$s\nstatsd_addr: %1$s\nruntime_config_path: %1$s\n".formatted(nothing));

    assertThat(configuration.problems()).isEmpty();
    assertThat(configuration.settings().reports()).isEmpty();
    assertThat(configuration.settings().metrics().agent()).isEmpty();
    assertThat(configuration.settings().rulesFile()).isEmpty();
  }

  @Test
  void statsdIsOnUnlessItIsSwitchedOff() {
    assertThat(Reading.load("").settings().metrics().agent())
        .isEqualTo(Optional.of(new MetricsSettings.Agent("127.0.0.1", 8126)));
  }

  @Test
  void mergeKeysBringTheKeysOfOtherMappings() {
    var configuration =
        Reading.load(
            """
            x-secured: &secured {security_protocol: sasl_ssl, sasl_mechanism: PLAIN}
            x-user: &user {sasl_username: u, sasl_password: p, sasl_mechanism: SCRAM-SHA-256}
            kafka_clusters:
              one: {<<: *secured, address: 'a:1', sasl_username: v, sasl_password: q}
              two: {<<: [*user, *secured], address: 'b:1'}
            kafka_topics:
              taskworker: {cluster: one, consumer_group: g}
              taskworker-dlq: {cluster: one, consumer_group: g, produce_only: true}
            """);

    assertThat(configuration.problems()).isEmpty();
    assertThat(configuration.redacted())
        .contains("sasl_mechanism: PLAIN", "sasl_mechanism: SCRAM-SHA-256")
        .contains("sasl_username: v", "sasl_username: u")
        .doesNotContain("security_protocol: null");
  }

  @Test
  void aMergeKeyTakesMappingsOnly_andEnds() {
    assertThatThrownBy(() -> Reading.load("store: {<<: 5}\n"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining(":1: << expects a mapping");
    assertThatThrownBy(() -> Reading.load("store: &s {<<: *s}\n"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("contains itself");
  }

  @ParameterizedTest
  @ValueSource(strings = {"le", "__x", "--x", "__name__"})
  void tagsThatPrometheusKeepsForItself(String name) {
    assertThat(Reading.load("default_metrics_tags: {'" + name + "': a}\n").problems())
        .singleElement()
        .asString()
        .startsWith("default_metrics_tags (")
        .contains("must not use the name le", "__", name);
  }

  @Test
  void tagsThatFitIntoNoDatagram() {
    String tags =
        "default_metrics_tags: {a: '%1$s', b: '%1$s', c: '%1$s'}\n".formatted("x".repeat(180));

    assertThat(Reading.load(tags).problems())
        .singleElement()
        .asString()
        .contains("default_metrics_tags (", "at most 500 bytes");
  }

  @Test
  void aValueThatIsNotUtf8() {
    assertThatThrownBy(() -> Reading.load("", "TASKBROKER_STORE__PG__PASSWORD=p\uFFFD"))
        .isInstanceOf(InvalidConfigException.class)
        .hasMessageContaining("TASKBROKER_STORE__PG__PASSWORD: its value is not UTF-8 text")
        .hasMessageContaining("LC_ALL=C.UTF-8");
  }

  @Test
  void passwordsInAddressesAreMasked() {
    var refused =
        Reading.load(
            "worker_map: {a: 'http://bob:geheim@worker:1/path', b: 'ftp://bob:geheim@x'}\n");
    var taken =
        Reading.load(
            "store: {pg: {query_params: 'password=geheim'}}\nworker_map: {a: 'http://bob:geheim@w:1'}\n");

    assertThat(refused.problems()).isNotEmpty();
    assertThat(String.join(" ", refused.problems())).contains("worker").doesNotContain("geheim");
    for (var configuration : new Configuration[] {refused, taken}) {
      assertThat(configuration.redactedWithOrigins()).doesNotContain("geheim");
      assertThat(configuration.redacted()).doesNotContain("geheim");
    }
  }

  @Test
  void aPasswordAmongTheParametersIsNotPrinted() {
    Configuration read =
        Reading.load("store: {adapter: postgres, pg: {query_params: password=geheim}}\n");

    assertThat(read.problems()).isEmpty();
    assertThat(read.redactedWithOrigins()).doesNotContain("geheim");
    assertThat(read.redacted()).doesNotContain("geheim");
    assertThat(read.settings().toString()).doesNotContain("geheim");
  }
}
