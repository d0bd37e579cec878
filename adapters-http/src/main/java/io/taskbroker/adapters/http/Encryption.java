package io.taskbroker.adapters.http;

import io.taskbroker.adapters.tls.ShownCertificate;
import io.taskbroker.domain.TimeSource;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.server.DetectorConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.util.ssl.SslContextFactory;

/**
 * How a port speaks TLS. A client that speaks plain text is let through as such, so that somebody
 * can tell it: see {@link #isOn}.
 */
public final class Encryption {
  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

  /** Those with forward secrecy and authenticated encryption; regular expressions. */
  private static final String[] CIPHER_SUITES = {
    "TLS_AES_\\d+_GCM_SHA\\d+",
    "TLS_CHACHA20_POLY1305_SHA256",
    "TLS_ECDHE_(ECDSA|RSA)_WITH_AES_\\d+_GCM_SHA\\d+",
    "TLS_ECDHE_(ECDSA|RSA)_WITH_CHACHA20_POLY1305_SHA256"
  };

  private Encryption() {}

  /** What stands before the HTTP of a connector. */
  static DetectorConnectionFactory of(ShownCertificate certificate, TimeSource time) {
    var settings = new SslContextFactory.Server();
    settings.setSslContext(certificate.context());
    settings.setIncludeProtocols(VERSIONS);
    settings.setIncludeCipherSuites(CIPHER_SUITES);
    settings.setRenegotiationAllowed(false);
    var tls = new SslConnectionFactory(settings, HttpVersion.HTTP_1_1.asString());
    tls.addBean(new HandshakeFailures(time));
    return new DetectorConnectionFactory(tls);
  }

  /** Whether nobody on the way can read this request. */
  public static boolean isOn(Request request) {
    return request.getConnectionMetaData().getConnection().getEndPoint().getSslSessionData()
        != null;
  }

  /** Ends a connection at once, whatever a client that hangs would have to be told first. */
  static void cut(EndPoint endPoint) {
    EndPoint raw =
        endPoint instanceof SslConnection.SslEndPoint encrypted ? encrypted.unwrap() : endPoint;
    raw.close();
  }
}
