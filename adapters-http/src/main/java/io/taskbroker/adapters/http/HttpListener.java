package io.taskbroker.adapters.http;

import io.taskbroker.adapters.tls.ShownCertificate;
import io.taskbroker.application.Defects;
import io.taskbroker.application.Health;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.Sparsely;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.ConnectionFactory;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One address at which HTTP is spoken, with its limits. Handlers that may block run on virtual
 * threads; a handler that says it never blocks runs on the thread that reads the sockets.
 */
public final class HttpListener implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::http");

  /**
   * Connections that wait to be accepted: a flood of them must not make the kernel drop a probe.
   */
  private static final int BACKLOG = 4_096;

  /** Platform threads: one accepts, one reads, and one is for what must not wait for these. */
  private static final int THREADS = 3;

  /** What one read takes at most, and what an idle connection so may hold. */
  private static final int INPUT_BYTES = 4 * 1024;

  /** What the kernel may keep for a client that does not read; left alone it takes some MB. */
  private static final int SEND_BYTES = 128 * 1024;

  /** How often connections are looked through. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final Server server;
  private final HttpWall wall;
  private final Connector connector;
  private final Loop looking;
  private final Optional<Loop> renewing;
  private final ExecutorService threads;

  /** In plain text. */
  public HttpListener(
      ListenerName name, HttpLimits limits, Handler handler, Health health, TimeSource time) {
    this(name, limits, handler, health, time, Optional.empty());
  }

  /**
   * @param certificate that is shown; empty for plain text
   */
  public HttpListener(
      ListenerName name,
      HttpLimits limits,
      Handler handler,
      Health health,
      TimeSource time,
      Optional<ShownCertificate> certificate) {
    threads =
        Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name(name.threads() + "-", 0).factory());
    var pool = new QueuedThreadPool(THREADS + 1, THREADS);
    pool.setName(name.threads());
    pool.setReservedThreads(0);
    pool.setVirtualThreadsExecutor(threads);
    server = new Server(pool);
    wall = new HttpWall(name, limits, time, handler);
    server.setHandler(wall);
    server.setErrorHandler(HttpListener::refuse);
    connector = new Connector(server, factories(certificate, time), time);
    connector.setAcceptQueueSize(BACKLOG);
    connector.setAcceptedSendBufferSize(SEND_BYTES);
    connector.setIdleTimeout(limits.request().toMillis());
    connector.addBean(wall);
    server.addConnector(connector);
    looking =
        Loop.enduring(
            SystemThreads.INSTANCE,
            name.threads() + "-wall",
            wall::look,
            LOOK,
            new Defects("HTTP connections were not looked through", time),
            health.watch(new Heartbeat(name.threads() + "-wall", time, Duration.ZERO)));
    renewing = certificate.map(shown -> renewing(name, shown, health, time));
  }

  private static Loop renewing(
      ListenerName name, ShownCertificate certificate, Health health, TimeSource time) {
    String threads = name.threads() + "-certificates";
    return Loop.enduring(
        SystemThreads.INSTANCE,
        threads,
        () -> {
          certificate.look();
          return 0;
        },
        ShownCertificate.LOOK_EVERY,
        new Defects("renewed certificates were not looked for", time),
        health.remark(new Heartbeat(threads, time, Duration.ZERO)));
  }

  private static List<ConnectionFactory> factories(
      Optional<ShownCertificate> certificate, TimeSource time) {
    List<ConnectionFactory> factories = new ArrayList<>();
    certificate.ifPresent(shown -> factories.add(Encryption.of(shown, time)));
    factories.add(new HttpConnectionFactory(configuration()));
    return factories;
  }

  private static HttpConfiguration configuration() {
    var http = new HttpConfiguration();
    http.setSendServerVersion(false);
    http.setSendDateHeader(false);
    http.setRequestHeaderSize(HttpLimits.HEADER_BYTES);
    http.setInputBufferSize(INPUT_BYTES);
    // Half a header waits in such a buffer, and the heap is what is bounded and watched.
    http.setUseInputDirectByteBuffers(false);
    // A body that no handler wants is not read: the connection is closed instead.
    http.setMaxUnconsumedRequestContentReads(1);
    // Which names we have is for the handlers to say, not for the certificate.
    http.addCustomizer(new SecureRequestCustomizer(false));
    return http;
  }

  /**
   * Begins to listen.
   *
   * @throws IOException if the port is taken, or the address is not one of this machine
   */
  public HttpListener start(String address, int port) throws IOException {
    if (new InetSocketAddress(address, port).isUnresolved()) {
      throw new IOException("no such host");
    }
    connector.setHost(address);
    connector.setPort(port);
    try {
      server.start();
    } catch (Exception e) {
      close();
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e.getMessage(), e);
    }
    looking.start();
    renewing.ifPresent(Loop::start);
    return this;
  }

  /** Where it listens: what was asked for, or, if that was 0, some free port. */
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void close() {
    looking.close();
    renewing.ifPresent(Loop::close);
    // The library closes what is open on the thread that reads the sockets. That one then waits for
    // an answer that is being written, which may wait for it: so nothing is open by then.
    connector.close();
    wall.closeAll();
    try {
      server.stop();
    } catch (Exception e) {
      LOG.warn("The HTTP server did not stop in order", e);
    }
    threads.close();
  }

  /** Answers what no handler answers, with its status in words and nothing about us. */
  private static boolean refuse(Request request, Response response, Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/plain; charset=utf-8");
    byte[] text = (response.getStatus() + "\n").getBytes(StandardCharsets.UTF_8);
    response.write(true, ByteBuffer.wrap(text), callback);
    return true;
  }

  /** Says what to do when no connection can be accepted. The library then waits for a second. */
  private static final class Connector extends ServerConnector {
    private final Sparsely lines;

    Connector(Server server, List<ConnectionFactory> factories, TimeSource time) {
      super(server, 1, 1, factories.toArray(ConnectionFactory[]::new));
      this.lines = new Sparsely(time, Duration.ofSeconds(10));
    }

    @Override
    protected boolean handleAcceptFailure(Throwable failure) {
      long failed = isOpen() && failure instanceof IOException ? lines.count(1) : 0;
      if (failed > 0) {
        HttpListener.LOG.error(
            "HTTP connections could not be accepted: {}. They are accepted again as soon as that is"
                + " possible. If too many files are open, raise the limit of open files (ulimit -n,"
                + " LimitNOFILE) or lower grpc_max_connections ({} failures since the last such line)",
            failure.getMessage(),
            failed);
      }
      return super.handleAcceptFailure(failure);
    }
  }
}
