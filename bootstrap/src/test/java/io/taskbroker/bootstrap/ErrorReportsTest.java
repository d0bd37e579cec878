package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.taskbroker.application.dispatch.CallMetrics;
import io.taskbroker.bootstrap.logging.LastWords;
import io.taskbroker.bootstrap.logging.Logging;
import io.taskbroker.bootstrap.logging.TracedCalls;
import io.taskbroker.settings.LogFormat;
import io.taskbroker.settings.LogSettings;
import io.taskbroker.settings.ReportSettings;
import io.taskbroker.testkit.SettableTime;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a Sentry server of our own hears. */
class ErrorReportsTest {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::upkeep");

  private final LinkedBlockingQueue<String> envelopes = new LinkedBlockingQueue<>();
  private final HttpServer sentry;

  ErrorReportsTest() throws IOException {
    sentry = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    sentry.createContext("/api/1/envelope/", this::take);
    sentry.start();
  }

  private void take(HttpExchange exchange) throws IOException {
    InputStream body = exchange.getRequestBody();
    boolean zipped = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
    try (InputStream bytes = zipped ? new GZIPInputStream(body) : body) {
      envelopes.add(new String(bytes.readAllBytes(), StandardCharsets.UTF_8));
    }
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @AfterEach
  void close() {
    sentry.stop(0);
    ((LoggerContext) LoggerFactory.getILoggerFactory()).reset();
    Logging.start(new LogSettings("info", LogFormat.TEXT), null);
  }

  /** The end waits until all is sent, however busy the machine is. */
  private static LastWords started(LogSettings settings, ReportSettings reports) {
    return Logging.start(settings, null, reports, "1.2.3", Duration.ofMinutes(2));
  }

  private ReportSettings reports(String dsn) {
    return reports(dsn, 0);
  }

  private static ReportSettings reports(String dsn, double tracesSampleRate) {
    return new ReportSettings(dsn, "proving", tracesSampleRate, Map.of("region", "eu"));
  }

  @Test
  void errorsBecomeEvents_andTheRestLogs_whateverIsShown() {
    String dsn = "http://key@127.0.0.1:" + sentry.getAddress().getPort() + "/1";
    var settings = new LogSettings("off", LogFormat.TEXT);

    try (LastWords _ = started(settings, reports(dsn))) {
      LOG.error("The disk of broker {} is full", 7);
      LOG.info("An ordinary line");
      LOG.debug("A line for nobody");
    }

    String sent = String.join("\n", envelopes);
    assertThat(sent)
        .contains("\"type\":\"event\"")
        .contains("The disk of broker 7 is full")
        .contains("taskbroker::upkeep")
        .contains("\"release\":\"1.2.3\"")
        .contains("\"environment\":\"proving\"")
        .contains("\"region\":\"eu\"")
        .contains("\"type\":\"log\"")
        .contains("An ordinary line")
        .doesNotContain("A line for nobody")
        .doesNotContain("\"type\":\"session\"");
  }

  @Test
  void asManyCallsAsWanted_becomeTransactions_andAllAreCounted() {
    String dsn = "http://key@127.0.0.1:" + sentry.getAddress().getPort() + "/1";
    var settings = new LogSettings("off", LogFormat.TEXT);
    var time = new SettableTime();
    List<String> counted = new ArrayList<>();
    CallMetrics counting = (method, nanos) -> counted.add(method + " " + nanos);

    try (LastWords _ = started(settings, reports(dsn, 1))) {
      new TracedCalls(counting, 1, time).ended("some.Service/GetTask", 2_000_000);
      new TracedCalls(counting, 1e-12, time).ended("some.Service/SetTaskStatus", 1);
    }

    String sent = String.join("\n", envelopes);
    assertThat(sent)
        .contains("\"type\":\"transaction\"")
        .contains("/some.Service/GetTask")
        .contains("\"op\":\"rpc.server\"")
        .doesNotContain("SetTaskStatus");
    assertThat(counted)
        .containsExactly("some.Service/GetTask 2000000", "some.Service/SetTaskStatus 1");
  }

  @Test
  void aHostWithAnUnderscoreIsReached(@TempDir Path folder) throws Exception {
    Path hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 sentry_web\n");
    String dsn = "http://key@sentry_web:" + sentry.getAddress().getPort() + "/1";

    try (OwnProcess reporter =
        OwnProcess.start(folder, Reporter.class, List.of("-Djdk.net.hosts.file=" + hosts), dsn)) {
      assertThat(reporter.status()).isZero();
    }

    assertThat(String.join("\n", envelopes)).contains("Said by another process");
  }

  /** Reports one error to the DSN that it is given. */
  static final class Reporter {
    private Reporter() {}

    public static void main(String[] arguments) {
      var settings = new LogSettings("off", LogFormat.TEXT);
      try (LastWords _ = started(settings, reports(arguments[0], 0))) {
        LOG.error("Said by another process");
      }
    }
  }

  @Test
  void aDsnThatIsNoneIsRefused() {
    var settings = new LogSettings("off", LogFormat.TEXT);

    assertThatThrownBy(() -> started(settings, reports("http://nobody")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
