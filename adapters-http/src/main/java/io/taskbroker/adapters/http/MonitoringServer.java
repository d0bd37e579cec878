package io.taskbroker.adapters.http;

import io.taskbroker.adapters.metrics.MetricsPage;
import io.taskbroker.application.Health;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers over HTTP: {@code /metrics} for Prometheus, {@code /livez} as long as every loop turns,
 * and {@code /readyz} as long as the broker wants work.
 */
public final class MonitoringServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::http");

  private final HttpListener listener;

  private MonitoringServer(HttpListener listener) {
    this.listener = listener;
  }

  /**
   * Begins to listen.
   *
   * @throws HttpListenException if the port is taken, or the address is not one of this machine
   */
  public static MonitoringServer start(
      MonitoringSettings settings, MetricsPage metrics, Health health, TimeSource time) {
    var limits =
        new HttpLimits(
            settings.connections(),
            settings.connectionsPerAddress(),
            HttpLimits.REQUEST,
            HttpLimits.ANSWER);
    return start(settings, limits, metrics, health, time);
  }

  static MonitoringServer start(
      MonitoringSettings settings,
      HttpLimits limits,
      MetricsPage metrics,
      Health health,
      TimeSource time) {
    var handler =
        new MonitoringHandler(health, new PagePress(metrics::text, time), MetricsPage.CONTENT_TYPE);
    var listener = new HttpListener(ListenerName.MONITORING, limits, handler, health, time);
    try {
      listener.start(settings.address(), settings.port());
    } catch (IOException e) {
      throw new HttpListenException(
          "cannot listen on %s:%d (http_addr, http_port): %s. Stop what uses the port, or choose another"
              .formatted(settings.address(), settings.port(), e.getMessage()),
          e);
    }
    LOG.info("Metrics and probes are served on http://{}:{}", settings.address(), listener.port());
    return new MonitoringServer(listener);
  }

  /** Where it listens: what was asked for, or, if that was 0, some free port. */
  public int port() {
    return listener.port();
  }

  @Override
  public void close() {
    listener.close();
  }
}
