package io.taskbroker.adapters.http;

import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.TimeSource;
import java.net.SocketAddress;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.eclipse.jetty.io.ssl.SslHandshakeListener;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log, sparsely, which clients do not get through the handshake of TLS, and why. */
final class HandshakeFailures implements SslHandshakeListener {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::tls");

  /** Longer reasons are cut: what a client sent may be in them. */
  private static final int REASON_LETTERS = 200;

  private final Sparsely lines;

  HandshakeFailures(TimeSource time) {
    this.lines = new Sparsely(time, Duration.ofSeconds(10));
  }

  @Override
  public void handshakeFailed(Event event, Throwable failure) {
    SocketAddress client = event.getEndPoint().getRemoteSocketAddress();
    if (failure instanceof ClosedChannelException) {
      LOG.debug("{} left before its handshake was over", client);
      return;
    }
    long failed = lines.count(1);
    if (failed > 0) {
      LOG.warn(
          "{} TLS handshakes over HTTP failed, the last with {}: {}. See whether that client trusts"
              + " the authority of the certificate",
          failed,
          client,
          reason(failure));
    }
  }

  private static String reason(Throwable failure) {
    Throwable deepest = failure;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    @Nullable String said = deepest.getMessage();
    String line = (said == null ? deepest.toString() : said).replaceAll("\\p{Cntrl}", " ");
    return line.length() > REASON_LETTERS ? line.substring(0, REASON_LETTERS) + "…" : line;
  }
}
