package io.taskbroker.adapters.tls;

import io.taskbroker.domain.TimeSource;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;

/**
 * What a server shows of itself, from files that are looked at again: what is renewed on disk
 * serves the next handshake. Connections that are open stay as they are.
 */
public final class ShownCertificate {
  /** How often files are looked at. */
  public static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  private final WatchedFiles files;
  private final SSLContext context;

  private ShownCertificate(WatchedFiles files, SSLContext context) {
    this.files = files;
    this.context = context;
  }

  /**
   * @throws UnusableTlsFileException if one of the files cannot be used
   */
  public static ShownCertificate of(OwnCertificate own, TimeSource time) {
    var keys = new RenewedKeys();
    var files =
        new WatchedFiles(
            List.of(own.certificate(), own.key()),
            contents -> {
              Pem.Identity identity = Pem.identity(own, contents.getFirst(), contents.getLast());
              keys.show(identity);
              return List.<X509Certificate>of(identity.chain());
            },
            time);
    files.load();
    return new ShownCertificate(files, contextOf(keys));
  }

  private static SSLContext contextOf(RenewedKeys keys) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {keys}, null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new UnusableTlsFileException(
          "This Java cannot do TLS as it is asked for: " + e.getMessage(), e);
    }
  }

  /** For handshakes, now and later. */
  public SSLContext context() {
    return context;
  }

  /**
   * Takes up what has changed on disk. One thread at a time.
   *
   * @return whether something had
   */
  public boolean look() {
    return files.look();
  }
}
