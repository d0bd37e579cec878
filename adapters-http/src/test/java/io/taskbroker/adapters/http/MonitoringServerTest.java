package io.taskbroker.adapters.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.metrics.Metrics;
import io.taskbroker.adapters.metrics.MetricsPage;
import io.taskbroker.adapters.metrics.MetricsSettings;
import io.taskbroker.application.Health;
import io.taskbroker.application.HealthSettings;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.testkit.SettableTime;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MonitoringServerTest {
  private static final MonitoringSettings ANYWHERE = new MonitoringSettings("127.0.0.1", 0, 256, 0);

  private final SettableTime time = new SettableTime();
  private final Health health = new Health(new HealthSettings(Duration.ofSeconds(5), false));
  private final Metrics metrics =
      new Metrics(
          new MetricsSettings(
              Optional.of(new MetricsSettings.Agent("127.0.0.1", 9)),
              Map.of("region", "eu"),
              Duration.ofMillis(50)),
          time);
  private final MonitoringServer server =
      MonitoringServer.start(ANYWHERE, metrics.page(), health, time);

  @AfterEach
  void close() {
    server.close();
    metrics.close();
  }

  private HttpResponse<String> get(String path) throws Exception {
    return get(server, path);
  }

  private static HttpResponse<String> get(MonitoringServer asked, String path) throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + asked.port() + path);
      return client.send(
          HttpRequest.newBuilder(uri).timeout(Duration.ofMinutes(1)).build(),
          HttpResponse.BodyHandlers.ofString());
    }
  }

  @Test
  void aServerThatIsClosed_complainsOfNothing() {
    try (var log = new CapturedLog("ROOT")) {
      server.close();

      assertThat(log.lines()).noneMatch(line -> line.contains("could not be accepted"));
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
  void aBrokerThatDrains_isReadyForWorkers_andAnEmptyOneIsNot() throws Exception {
    var notice = new AtomicReference<>(new Health.Notice("draining: 2 wait", true));
    health.notices(() -> Optional.of(notice.get()));

    assertThat(get("/readyz").statusCode()).isEqualTo(200);
    assertThat(get("/readyz").body()).isEqualTo("draining: 2 wait\n");
    notice.set(new Health.Notice("drained", false));
    assertThat(get("/readyz").statusCode()).isEqualTo(503);
    assertThat(get("/readyz").body()).isEqualTo("drained\n");
    assertThat(get("/livez").body()).isEqualTo("ok\n");
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

    try (var probes = MonitoringServer.start(ANYWHERE, metrics.page(), unjudged, time)) {
      assertThat(get(probes, "/livez").statusCode()).isEqualTo(200);
      assertThat(get(probes, "/readyz").statusCode()).isEqualTo(200);
      assertThat(unjudged.verdict()).isEqualTo(Health.Verdict.NOT_JUDGED);
      unjudged.drain();
      assertThat(get(probes, "/readyz").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void thePageIsThatOfTheMetrics() throws Exception {
    HttpResponse<String> page = get("/metrics");

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("Content-Type")).hasValue(MetricsPage.CONTENT_TYPE);
    assertThat(page.body()).contains("taskbroker_").endsWith("\n");
  }

  @Test
  void thePageIsCompressedForWhoUnderstandsIt() throws Exception {
    try (var client = HttpClient.newHttpClient()) {
      var request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/metrics"))
              .header("Accept-Encoding", "gzip")
              .build();
      HttpResponse<byte[]> zipped = client.send(request, HttpResponse.BodyHandlers.ofByteArray());

      assertThat(zipped.headers().firstValue("Content-Encoding")).hasValue("gzip");
      try (var unzipped = new GZIPInputStream(new ByteArrayInputStream(zipped.body()))) {
        assertThat(new String(unzipped.readAllBytes(), StandardCharsets.UTF_8))
            .contains("taskbroker_");
      }
    }
  }

  @Test
  void otherPathsAndMethodsAreAnsweredPlainly() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/metrics/more").statusCode()).isEqualTo(404);
    try (var client = HttpClient.newHttpClient()) {
      var post =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/livez"))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();

      assertThat(client.send(post, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(405);
    }
  }

  @Test
  void aBodyThatNobodyWants_isAnsweredBeforeItComes_andNotWaitedFor() throws Exception {
    try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write(
              "POST /livez HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
                  .getBytes(US_ASCII));

      String answer = new String(socket.getInputStream().readAllBytes(), US_ASCII);

      assertThat(answer).startsWith("HTTP/1.1 405 ");
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() throws Exception {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var settings = new MonitoringSettings("127.0.0.1", taken.getLocalPort(), 8, 0);

      assertThatThrownBy(() -> MonitoringServer.start(settings, metrics.page(), health, time))
          .isInstanceOf(HttpListenException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("http_port");
    }
  }
}
