package io.taskbroker.adapters.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.dispatch.DispatchMetrics;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.testkit.SettableTime;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitoringServerTest {
  private static final Pattern SAMPLE =
      Pattern.compile(
          "([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{((?:[a-zA-Z_][a-zA-Z0-9_]*=\"(?:[^\"\\\\\n]|\\\\[\\\\n\"])*\",?)*)\\})? (\\S+)");

  private final SettableTime time = new SettableTime();
  private final Health health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
  private final Agent agent = new Agent();
  private final Metrics metrics =
      new Metrics(
          new MetricsSettings(
              "127.0.0.1", agent.port(), Map.of("region", "eu"), Duration.ofMillis(50)),
          time);
  private final MonitoringServer server =
      MonitoringServer.start(new MonitoringSettings("127.0.0.1", 0), metrics, health);

  @AfterEach
  void close() {
    server.close();
    metrics.close();
    agent.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(server, path);
  }

  private static HttpResponse<String> get(MonitoringServer asked, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + asked.port() + path);
      return client.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(10)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void readinessEndsWithTheDrain() throws Exception {
    assertThat(get("/readyz").statusCode()).isEqualTo(200);

    health.drain();

    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).contains("stopping");
    assertThat(get("/livez").statusCode()).isEqualTo(200);
  }

  @Test
  void aLoopThatDoesNotComeBackIsNotAlive() throws Exception {
    health.watch(new Heartbeat("upkeep", time, Duration.ZERO));
    assertThat(get("/livez").statusCode()).isEqualTo(200);

    time.advance(Duration.ofSeconds(6));

    assertThat(get("/livez").statusCode()).isEqualTo(503);
    assertThat(get("/livez").body()).contains("loop upkeep");
  }

  @Test
  void anOperatorWhoSwitchesTheWatchdogOff_isObeyedByBothProbes() throws Exception {
    var unjudged = new Health(new HealthSettings(Duration.ofSeconds(5), true));
    unjudged.watch(new Heartbeat("upkeep", time, Duration.ZERO));
    unjudged.trouble("the store cannot write");
    time.advance(Duration.ofHours(1));

    try (var probes =
        MonitoringServer.start(new MonitoringSettings("127.0.0.1", 0), metrics, unjudged)) {
      assertThat(get(probes, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(probes, "/readyz").statusCode()).isEqualTo(200);
      assertThat(unjudged.verdict()).isEqualTo(Health.Verdict.NOT_JUDGED);
      unjudged.drain();
      assertThat(get(probes, "/readyz").statusCode()).isEqualTo(503);
    }
  }

  /** Strict, since a page that a scraper refuses shows nothing at all. */
  @Test
  void thePageIsWhatAScraperReads() throws Exception {
    metrics
        .broker()
        .dispatch()
        .concluded(Conclusion.COMPLETE, DispatchMetrics.Outcome.KNOWN, 2_000_000);
    metrics.start();
    agent.hear(200);

    HttpResponse<String> page = get("/metrics");

    assertThat(page.statusCode()).isEqualTo(200);
    Map<String, Double> samples = parse(page.body());
    assertThat(samples)
        .containsEntry(
            "taskbroker_grpc_server_set_status_total{region=\"eu\",result=\"ok\",status=\"Complete\"}",
            1.0)
        .containsEntry("taskbroker_grpc_server_set_status_duration_count{region=\"eu\"}", 1.0)
        .containsEntry(
            "taskbroker_grpc_server_set_status_duration_bucket{region=\"eu\",le=\"0.001\"}", 0.0)
        .containsEntry(
            "taskbroker_grpc_server_set_status_duration_bucket{region=\"eu\",le=\"+Inf\"}", 1.0)
        .containsKey("taskbroker_runtime_num_alive_tasks{region=\"eu\"}");
  }

  /** The text format, its rules on types and on repetition included. */
  private static Map<String, Double> parse(String page) {
    Map<String, Double> samples = new LinkedHashMap<>();
    Map<String, String> types = new LinkedHashMap<>();
    assertThat(page).endsWith("\n");
    for (String line : page.lines().toList()) {
      if (line.startsWith("# TYPE ")) {
        String[] words = line.split(" ", -1);
        assertThat(words).hasSize(4);
        assertThat(words[3]).isIn("counter", "gauge", "histogram");
        assertThat(types.put(words[2], words[3])).as("a second type of %s", words[2]).isNull();
      } else if (!line.startsWith("# HELP ")) {
        Matcher matcher = SAMPLE.matcher(line);
        assertThat(matcher.matches()).as("a sample: %s", line).isTrue();
        String labels = matcher.group(2) == null ? "" : "{" + matcher.group(2) + "}";
        String family = matcher.group(1).replaceAll("_(bucket|sum|count)$", "");
        assertThat(types.containsKey(matcher.group(1)) || types.containsKey(family))
            .as("the type of %s", line)
            .isTrue();
        assertThat(samples.put(matcher.group(1) + labels, value(matcher.group(3))))
            .as("a second %s", line)
            .isNull();
      }
    }
    return samples;
  }

  private static double value(String text) {
    return text.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var settings = new MonitoringSettings("127.0.0.1", taken.getLocalPort());

      assertThatThrownBy(() -> MonitoringServer.start(settings, metrics, health))
          .isInstanceOf(MonitoringException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("http_port");
    }
  }
}
