package io.taskbroker.settings;

import io.taskbroker.adapters.metrics.MetricsSettings;
import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Logs, metrics, error reports. */
final class GeneralKeys {
  static final Setting<String> SENTRY_DSN =
      Setting.optional("sentry_dsn", TextTypes.TEXT)
          .must("be of the form https://KEY@HOST/PROJECT", GeneralKeys::isDsn)
          .secret()
          .means("Where errors are reported to Sentry; unset or empty for nowhere.");
  static final Setting<String> SENTRY_ENV =
      Setting.optional("sentry_env", TextTypes.TEXT).means("The environment in Sentry's reports.");
  static final Setting<Double> TRACES_SAMPLE_RATE =
      Setting.optional("traces_sample_rate", NumberTypes.FRACTION, 0.0)
          .must("be from 0 to 1", rate -> rate >= 0 && rate <= 1)
          .means("The share of the workers' calls that Sentry is told of, each as a transaction.");
  static final Setting<String> LOG_FILTER =
      Setting.of("log_filter", TextTypes.TEXT, "info,librdkafka=warn,h2=off")
          .means(
              "What is logged: a level for all, and `target=level` for some, separated by commas."
                  + " Levels are error, warn, info, debug, trace and off; the longest target wins.");
  static final Setting<LogFormat> LOG_FORMAT =
      Setting.of("log_format", Type.oneOf(LogFormat.class), LogFormat.TEXT)
          .means("Lines for people, or one JSON object a line.");
  static final Setting<String> STATSD_ADDR =
      Setting.optional("statsd_addr", TextTypes.TEXT, "127.0.0.1:8126")
          .must("be of the form host:port", GeneralKeys::isHostAndPort)
          .means("Where metrics are sent, as DogStatsD over UDP; empty for nowhere.");
  static final Setting<Map<String, String>> DEFAULT_METRICS_TAGS =
      Setting.of("default_metrics_tags", TextTypes.TEXT_BY_NAME, Map.of())
          .must(
              "not use the name le, nor one that begins with __: Prometheus keeps them for itself",
              MetricsSettings::areUsable)
          .must(
              "have at most %d bytes together, so that each line of DogStatsD fits into a datagram"
                  .formatted(MetricsSettings.MOST_TAG_BYTES),
              MetricsSettings::fit)
          .means("Tags of every metric and of every report to Sentry.");
  static final Setting<String> HTTP_ADDR =
      Setting.of("http_addr", TextTypes.TEXT, "0.0.0.0")
          .must("name a host or address", address -> !address.isBlank())
          .means("Where `/metrics` for Prometheus, `/livez` and `/readyz` are served.");
  static final Setting<Integer> HTTP_PORT =
      Setting.of("http_port", NumberTypes.between(0, 65_535), 0)
          .means("The port of `http_addr`; 0 for none.");
  static final Setting<Integer> HTTP_MAX_CONNECTIONS =
      Setting.of("http_max_connections", NumberTypes.between(8, 65_535), 256)
          .means(
              "Most connections to `http_port` at a time. A new one is always let in: when there are"
                  + " as many, the oldest one of the host that has most is closed.");
  static final Setting<Integer> HTTP_MAX_CONNECTIONS_PER_ADDRESS =
      Setting.of("http_max_connections_per_address", NumberTypes.between(0, 65_535), 0)
          .means(
              "The same for each client address; 0 for no such limit, which is right behind a"
                  + " balancer or a mesh, where all clients share an address.");
  static final Setting<Duration> RUNTIME_METRICS_INTERVAL =
      Setting.of("runtime_metrics_interval", DurationTypes.DURATION_TEXT, Duration.ofSeconds(1))
          .must("be longer than 0", Duration::isPositive)
          .means("How often the JVM is measured.");
  static final Setting<Boolean> LOG_ASYNC_BACKTRACE =
      Setting.of("log_async_backtrace", Type.FLAG, false)
          .means("Whether a dump of all threads is logged at DEBUG every 30 s.");

  static final List<Setting<?>> ALL =
      List.of(
          LOG_FILTER,
          LOG_FORMAT,
          STATSD_ADDR,
          DEFAULT_METRICS_TAGS,
          HTTP_ADDR,
          HTTP_PORT,
          HTTP_MAX_CONNECTIONS,
          HTTP_MAX_CONNECTIONS_PER_ADDRESS,
          RUNTIME_METRICS_INTERVAL,
          LOG_ASYNC_BACKTRACE,
          SENTRY_DSN,
          SENTRY_ENV,
          TRACES_SAMPLE_RATE);

  /** Names of services in Docker Compose may have underscores, which a host of a URI may not. */
  private static final Pattern KEY_AND_HOST =
      Pattern.compile("[^@\\s]+@(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?");

  private GeneralKeys() {}

  private static boolean isDsn(String text) {
    try {
      var dsn = new URI(text);
      return List.of("http", "https").contains(String.valueOf(dsn.getScheme()))
          && dsn.getRawAuthority() != null
          && KEY_AND_HOST.matcher(dsn.getRawAuthority()).matches()
          && dsn.getPath().matches("/(.*/)?[0-9]+");
    } catch (URISyntaxException _) {
      return false;
    }
  }

  private static boolean isHostAndPort(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    return colon > 0
        && text.chars().noneMatch(Character::isWhitespace)
        && port.matches("[0-9]{1,5}")
        && Integer.parseInt(port) <= 65_535;
  }
}
