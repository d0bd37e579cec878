package io.taskbroker.adapters.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.ApplicationProtocolNames;
import io.grpc.netty.shaded.io.netty.handler.ssl.NotSslRecordException;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts TLS before the {@link Guard} of each new connection. What stands behind sees plain bytes
 * only, and none before the handshake is over. Safe for all threads.
 */
final class TlsDoor implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::tls");

  /** A flood of handshakes takes at most as many threads, and none of those that serve. */
  private static final int THREADS = 2;

  /** How long a client may take to read our good-bye. */
  private static final long GOODBYE_MS = 1_000;

  /** Longer reasons are cut: what a client sent may be in them. */
  private static final int REASON_LETTERS = 200;

  private final SslContext context;
  private final Duration handshake;
  private final ExecutorService threads =
      Executors.newFixedThreadPool(THREADS, new DefaultThreadFactory("grpc-tls", true));
  private final Sparsely failures;

  /**
   * @param handshake must be over by then
   */
  TlsDoor(SslContext context, Duration handshake, TimeSource time) {
    this.context = context;
    this.handshake = handshake;
    this.failures = new Sparsely(time, Duration.ofSeconds(10));
  }

  /** The connection begins with a handshake. It is new, and its other handlers are there. */
  void standBefore(Channel connection, SocketAddress client) {
    SslHandler tls = context.newHandler(connection.alloc(), threads);
    tls.setHandshakeTimeoutMillis(handshake.toMillis());
    tls.setCloseNotifyFlushTimeoutMillis(GOODBYE_MS);
    var only = new OneHandshake(() -> complain("it begins a second one", client));
    connection.pipeline().addFirst(only, tls, new Handshake(tls, only, client));
  }

  /** Waits for the end of a handshake, and then goes away. */
  private final class Handshake extends ChannelInboundHandlerAdapter {
    private final SslHandler tls;
    private final OneHandshake only;
    private final SocketAddress client;

    private Handshake(SslHandler tls, OneHandshake only, SocketAddress client) {
      this.tls = tls;
      this.only = only;
      this.client = client;
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
      if (event instanceof SslHandshakeCompletionEvent end) {
        if (!end.isSuccess()) {
          failed(end.cause(), client);
          var _ = context.close();
          return;
        }
        String protocol = tls.applicationProtocol();
        if (!ApplicationProtocolNames.HTTP_2.equals(protocol)) {
          complain("it does not offer HTTP/2 (ALPN 'h2')", client);
          var _ = context.close();
          return;
        }
        only.over();
        context.pipeline().remove(this);
      }
      context.fireUserEventTriggered(event);
    }

    /** The end of the handshake has told of it. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("The handshake with {} failed", client, cause);
      var _ = context.close();
    }
  }

  private void failed(Throwable cause, SocketAddress client) {
    switch (cause) {
      case ClosedChannelException _ -> LOG.debug("{} left before its handshake was over", client);
      case NotSslRecordException _ -> complain("it does not speak TLS", client);
      case SslHandshakeTimeoutException _ ->
          complain("it was not over within " + handshake.toSeconds() + " s", client);
      default -> complain(reason(cause), client);
    }
  }

  private static String reason(Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    @Nullable String said = deepest.getMessage();
    String text = said == null ? deepest.toString() : said;
    String line = text.replaceAll("\\p{Cntrl}", " ");
    return line.length() > REASON_LETTERS ? line.substring(0, REASON_LETTERS) + "…" : line;
  }

  private void complain(String reason, SocketAddress client) {
    long failed = failures.count(1);
    if (failed > 0) {
      LOG.warn(
          "{} TLS handshakes failed, the last with {}: {}. See that client's certificate and its"
              + " trust, and grpc_tls_client_ca here",
          failed,
          client,
          reason);
    }
  }

  @Override
  public void close() {
    threads.shutdown();
  }
}
