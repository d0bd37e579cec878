package io.taskbroker.adapters.metrics;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import io.prometheus.metrics.exporter.httpserver.MetricsHandler;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.taskbroker.application.Health;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers over HTTP: {@code /metrics} for Prometheus, {@code /livez} as long as every loop turns,
 * and {@code /readyz} as long as the broker wants work.
 */
public final class MonitoringServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::http");

  /** Connections that wait to be accepted. */
  private static final int BACKLOG = 16;

  private final HttpServer server;
  private final ExecutorService threads =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("http-", 0).factory());

  private MonitoringServer(HttpServer server, Metrics metrics, Health health) {
    this.server = server;
    var registry = new PrometheusRegistry();
    registry.register(metrics.page());
    server.createContext("/metrics", new MetricsHandler(registry));
    server.createContext("/livez", probe(health::stuck));
    server.createContext("/readyz", probe(health::whyNot));
    server.setExecutor(threads);
  }

  /**
   * Begins to listen.
   *
   * @throws MonitoringException if the port is taken, or the address is not one of this machine
   */
  public static MonitoringServer start(
      MonitoringSettings settings, Metrics metrics, Health health) {
    var address = new InetSocketAddress(settings.address(), settings.port());
    try {
      if (address.isUnresolved()) {
        throw new IOException("no such host");
      }
      var server = new MonitoringServer(HttpServer.create(address, BACKLOG), metrics, health);
      server.server.start();
      LOG.info("Metrics and probes are served on http://{}:{}", settings.address(), server.port());
      return server;
    } catch (IOException e) {
      throw new MonitoringException(
          "cannot listen on %s:%d (http_addr, http_port): %s. Stop what uses the port, or choose another"
              .formatted(settings.address(), settings.port(), e.getMessage()),
          e);
    }
  }

  /** Where it listens: what was asked for, or, if that was 0, some free port. */
  public int port() {
    return server.getAddress().getPort();
  }

  private static HttpHandler probe(Supplier<Optional<String>> trouble) {
    return exchange -> {
      Optional<String> found = trouble.get();
      answer(exchange, found.isEmpty() ? 200 : 503, found.orElse("ok"));
    };
  }

  private static void answer(HttpExchange exchange, int status, String text) throws IOException {
    byte[] body = (text + "\n").getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }
}
