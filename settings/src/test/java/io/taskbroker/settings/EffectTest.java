package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.reading.Setting;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each key changes what the broker is made of, or is declared to change nothing. */
class EffectTest {
  /** What others need in order to count. Each is left out for the key itself. */
  private static final Map<String, String> NEEDED =
      new TreeMap<>(
          Map.of(
              "delivery_mode", "delivery_mode: push",
              "http_port", "http_port: 1",
              "admin.port", "admin: {port: 1, brokers: {a: \"http://h:2\"}}",
              "full_vacuum_on_upkeep", "full_vacuum_on_upkeep: true",
              "push.update.batched", "push: {update: {batched: true}}",
              "grpc_tls_certificate", "grpc_tls_certificate: /c",
              "grpc_tls_key", "grpc_tls_key: /k",
              "grpc_tls_client_ca", "grpc_tls_client_ca: /ca",
              "sentry_dsn", "sentry_dsn: https://other@h/2"));

  private static final String TOPICS =
      """
      kafka_clusters: {c: {address: "k:1"}}
      kafka_topics:
        taskworker: {cluster: c, consumer_group: g}
        taskworker-dlq: {cluster: c, consumer_group: g, produce_only: true}
        d: {cluster: c, consumer_group: g, produce_only: true}
        r: {cluster: c, consumer_group: g, produce_only: true}
      """;

  /** Refused without each other; {@link TlsRecordsTest} has them. */
  private static final Set<String> PAIRS =
      Set.of("grpc_tls_certificate", "grpc_tls_key", "push.tls.certificate", "push.tls.key");

  /** For those whose example in the other table is the default in other words. */
  private static final Map<String, String> OTHER_VALUES = Map.of("push.queue.timeout", "7s");

  static Stream<SettingsTest.Key> keys() {
    return SettingsTest.keys()
        .filter(key -> Settings.CATALOGUE.current().anyMatch(s -> s.path().equals(key.path())))
        .filter(key -> !key.path().equals("store.adapter") && !PAIRS.contains(key.path()));
  }

  @ParameterizedTest
  @MethodSource("keys")
  void changesSomething_unlessItIsDeclaredIdle(SettingsTest.Key key) {
    String value = OTHER_VALUES.getOrDefault(key.path(), key.variable());

    BrokerConfig without = Reading.load(around(key)).settings();
    BrokerConfig same = Reading.load(around(key)).settings();
    BrokerConfig with =
        Reading.load(
                around(key), Settings.CATALOGUE.environment().variableFor(key.path()) + "=" + value)
            .settings();

    assertThat(same).isEqualTo(without);
    assertThat(with.equals(without)).as("changes nothing").isEqualTo(setting(key).isIdle());
  }

  @Test
  void whatIsIdle_isDescribedSo() {
    String page = ConfigurationDocument.text();
    String withoutEffect =
        page.substring(
            page.indexOf("## Accepted, without effect"), page.indexOf("## The older way"));

    assertThat(Settings.CATALOGUE.current())
        .allSatisfy(
            setting ->
                assertThat(withoutEffect.contains("- `" + setting + "`: "))
                    .as(setting.path())
                    .isEqualTo(setting.isIdle()));
  }

  @Test
  void whoWritesWhatIsIdle_isTold() {
    assertThat(
            Reading.load(
                    """
                    batch_status_updates: true
                    status_update_batch_size: 1
                    enable_sqlite_status_metrics: false
                    grpc_port: 5
                    """)
                .withoutEffect())
        .hasSize(2)
        .anyMatch(line -> line.matches("batch_status_updates \\(.*yml:1\\)"))
        .anyMatch(
            line ->
                line.matches(
                    "store.sqlite.enable_status_metrics \\(.*yml:3 as"
                        + " enable_sqlite_status_metrics\\)"));
  }

  private static String around(SettingsTest.Key key) {
    var yaml = new StringBuilder(TOPICS);
    yaml.append(PostgresKeys.ALL.contains(setting(key)) ? "store: {adapter: postgres}\n" : "");
    NEEDED.forEach((path, line) -> yaml.append(path.equals(key.path()) ? "" : line).append('\n'));
    return yaml.toString();
  }

  private static Setting<?> setting(SettingsTest.Key key) {
    return Settings.CATALOGUE
        .current()
        .filter(s -> s.path().equals(key.path()))
        .findFirst()
        .orElseThrow();
  }
}
