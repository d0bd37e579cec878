package io.taskbroker.adapters.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.domain.Moment;
import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a server shows when its files are renewed, over real sockets. */
@Timeout(60)
class ShownCertificateTest {
  @TempDir private static Path made;
  private static Authority.Pair first;
  private static Authority.Pair rsa;

  @TempDir private Path folder;
  private OwnCertificate own;
  private ShownCertificate shown;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @BeforeAll
  static void sign() {
    Authority authority = Authority.in(made, "ca");
    first = authority.sign("first");
    rsa = authority.signRsa("second");
  }

  @BeforeEach
  void place() throws IOException {
    own =
        new OwnCertificate(
            new PemFile("certificate", folder.resolve("tls.crt")),
            new PemFile("key", folder.resolve("tls.key")));
    put(first);
    shown = ShownCertificate.of(own, () -> new Moment(System.currentTimeMillis(), 0));
  }

  @AfterEach
  void close() {
    threads.close();
  }

  private void put(Authority.Pair pair) throws IOException {
    Files.copy(pair.key(), own.key().path(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(pair.certificate(), own.certificate().path(), StandardCopyOption.REPLACE_EXISTING);
  }

  @Test
  void whatIsRenewed_isShownInTheNextHandshake_alsoWithAKeyOfAnotherKind() throws Exception {
    assertThat(seen("TLSv1.3")).isEqualTo("CN=first");

    put(rsa);
    assertThat(seen("TLSv1.3")).isEqualTo("CN=first");
    assertThat(shown.look()).isTrue();

    assertThat(seen("TLSv1.3")).isEqualTo("CN=second");
    assertThat(seen("TLSv1.2")).isEqualTo("CN=second");
    assertThat(shown.look()).isFalse();
  }

  @Test
  void whatCannotBeUsed_leavesTheFormerOneInUse() throws Exception {
    Files.writeString(own.certificate().path(), "-----BEGIN CERTIFICATE-----\nrubbish\n");

    assertThat(shown.look()).isFalse();
    assertThat(seen("TLSv1.3")).isEqualTo("CN=first");
  }

  /** The name in the certificate that a client is shown. */
  private String seen(String version) throws Exception {
    try (var listening =
        (SSLServerSocket) shown.context().getServerSocketFactory().createServerSocket(0)) {
      var _ =
          threads.submit(
              () -> {
                try (var accepted = (SSLSocket) listening.accept()) {
                  accepted.startHandshake();
                  return accepted.getInputStream().read();
                }
              });
      SSLContext client = SSLContext.getInstance("TLS");
      client.init(null, new TrustManager[] {new Trusting()}, null);
      try (var socket =
          (SSLSocket)
              client.getSocketFactory().createSocket("localhost", listening.getLocalPort())) {
        socket.setEnabledProtocols(new String[] {version});
        socket.startHandshake();
        return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
            .getSubjectX500Principal()
            .getName();
      }
    }
  }

  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
