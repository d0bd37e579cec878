package io.taskbroker.adapters.http.admin;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.http.HttpLimits;
import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.UnusableTlsFileException;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.Authority;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin API over TLS, with real sockets. */
@Timeout(120)
class AdminTlsTest {
  private static final String TOKEN = "operator-0123456789";
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final Duration SHORT = Duration.ofSeconds(2);

  private static final TimeSource TIME =
      () ->
          new Moment(System.currentTimeMillis(), TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));

  /** The head of a record of TLS, and half of the greeting that it promises. */
  private static final byte[] HALF_HELLO = {22, 3, 1, 0, 100, 1, 0, 0, 96, 3, 3};

  /** Type of a record of TLS; such a one has five bytes of head, a level and a reason. */
  private static final byte ALERT = 21;

  private static final int ALERT_BYTES = 7;

  @TempDir private static Path made;
  private static Authority.Pair first;
  private static Authority.Pair second;
  private static SSLContext trusting;

  @TempDir private Path folder;
  private final BrokerFixture broker = BrokerFixture.start();
  private OwnCertificate own;
  private AdminServer server;

  @BeforeAll
  static void sign() throws Exception {
    Authority authority = Authority.in(made, "ca");
    first = authority.sign("first");
    second = authority.signRsa("second");
    trusting = trusting(authority.certificate());
  }

  private static SSLContext trusting(Path authority) throws Exception {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, null);
    try (InputStream in = Files.newInputStream(authority)) {
      trusted.setCertificateEntry(
          "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
    }
    var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @BeforeEach
  void start() throws IOException {
    own =
        new OwnCertificate(
            new PemFile("grpc_tls_certificate", folder.resolve("tls.crt")),
            new PemFile("grpc_tls_key", folder.resolve("tls.key")));
    put(first);
    server = serving(LONG);
  }

  private void restart(Duration request) {
    server.close();
    server = serving(request);
  }

  private AdminServer serving(Duration request) {
    return AdminServer.start(
        new AdminSettings(
                "127.0.0.1",
                0,
                64,
                List.of(new AdminToken("otto", AdminRole.OPERATOR, TOKEN)),
                Optional.of(AdminRole.VIEWER),
                List.of(),
                AdminRole.OPERATOR)
            .with(Optional.of(own)),
        new HttpLimits(64, 0, request, LONG),
        broker.broker(),
        Surroundings.of(AdminApi.PLAIN, "1"),
        TIME);
  }

  private void put(Authority.Pair pair) throws IOException {
    Files.copy(pair.key(), own.key().path(), StandardCopyOption.REPLACE_EXISTING);
    Files.copy(pair.certificate(), own.certificate().path(), StandardCopyOption.REPLACE_EXISTING);
  }

  @AfterEach
  void close() {
    server.close();
    broker.close();
  }

  private HttpResponse<String> ask(HttpRequest.Builder request) throws Exception {
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting).build()) {
      return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private HttpRequest.Builder to(String scheme, String path) {
    return HttpRequest.newBuilder(
        URI.create("%s://localhost:%d%s".formatted(scheme, server.port(), path)));
  }

  private HttpRequest.Builder order(String scheme, String path, String body) {
    return to(scheme, path)
        .header("Authorization", "Bearer " + TOKEN)
        .header("Content-Type", "application/json")
        .POST(HttpRequest.BodyPublishers.ofString(body));
  }

  @Test
  void aClientThatTrustsTheCertificate_isAnswered() throws Exception {
    HttpResponse<String> answer = ask(to("https", "/api/v1/status"));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"ready\":true");
    assertThat(ask(to("https", "/")).body()).contains("<title>");
  }

  @Test
  void aClientThatDoesNotTrustIt_ends() {
    try (HttpClient strict = HttpClient.newHttpClient()) {
      assertThatThrownBy(
              () -> strict.send(to("https", "/").build(), HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(SSLHandshakeException.class);
    }
  }

  @Test
  void plainText_isRefusedInWords_andNothingIsDone() throws Exception {
    HttpResponse<String> answer = ask(order("http", "/api/v1/pauses", "{\"application\":\"a\"}"));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.headers().firstValue("content-type")).hasValue("application/problem+json");
    assertThat(answer.body()).contains("This port speaks TLS", "https://");
    assertThat(ask(to("http", "/")).statusCode()).isEqualTo(400);
    assertThat(broker.broker().operations().pauses()).isEmpty();
  }

  /** Such a line may name any scheme, and has come in plain text all the same. */
  @Test
  void plainTextThatSaysOtherwise_isPlainText() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      String host = "127.0.0.1:" + server.port();
      socket
          .getOutputStream()
          .write(
              "GET https://%1$s/api/v1/status HTTP/1.1\r\nHost: %1$s\r\n\r\n"
                  .formatted(host)
                  .getBytes(US_ASCII));
      assertThat(AdminClient.line(socket.getInputStream())).startsWith("HTTP/1.1 400");
    }
  }

  @Test
  void aCookie_goesOverTlsOnly() throws Exception {
    HttpResponse<String> begun = ask(order("https", "/api/v1/session", "{}"));

    assertThat(begun.headers().firstValue("set-cookie"))
        .hasValueSatisfying(cookie -> assertThat(cookie).contains("Secure", "HttpOnly"));
  }

  @Test
  void ordersOfOurOwnPages_areCarriedOut_andOfOthersNot() throws Exception {
    String pause = "{\"application\":\"a\"}";
    String own = "//localhost:" + server.port();

    assertThat(
            ask(order("https", "/api/v1/pauses", pause).header("Origin", "https:" + own))
                .statusCode())
        .isEqualTo(200);
    for (String other : List.of("http:" + own, "https://localhost", "https://evil.example")) {
      assertThat(ask(order("https", "/api/v1/pauses", pause).header("Origin", other)).statusCode())
          .as(other)
          .isEqualTo(403);
    }
  }

  @Test
  void aRenewedCertificate_isShownWithoutARestart_andOpenConnectionsGoOn() throws Exception {
    assertThat(shown()).isEqualTo("CN=first");
    try (SSLSocket open = connect()) {
      open.startHandshake();
      put(second);
      broker.await("the renewed certificate", () -> shown().equals("CN=second"));
      open.getOutputStream().write("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".getBytes(US_ASCII));
      assertThat(AdminClient.line(open.getInputStream())).isEqualTo("HTTP/1.1 200 OK");
    }
  }

  private String shown() {
    try (SSLSocket socket = connect()) {
      socket.startHandshake();
      return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
          .getSubjectX500Principal()
          .getName();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SSLSocket connect() throws IOException {
    var socket = (SSLSocket) trusting.getSocketFactory().createSocket("localhost", server.port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void newVersions_areSpoken_withForwardSecrecy(String version) throws Exception {
    try (SSLSocket socket = connect()) {
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      assertThat(socket.getSession().getCipherSuite()).matches("TLS_(AES|ECDHE)_.*_GCM_.*");
    }
  }

  @Test
  void oldCipherSuites_areNot() throws Exception {
    try (SSLSocket socket = connect()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.setEnabledCipherSuites(new String[] {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLHandshakeException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 11})
  void aHandshakeThatDoesNotEnd_isClosed(int bytes) throws Exception {
    restart(SHORT);
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(60_000);
      socket.getOutputStream().write(HALF_HELLO, 0, bytes);
      byte[] said = socket.getInputStream().readAllBytes();
      for (int at = 0; at < said.length; at += ALERT_BYTES) {
        assertThat(said[at]).as("type of a record").isEqualTo(ALERT);
      }
    }
  }

  @Test
  void aStreamOfEvents_outlivesTheTimeForARequest() throws Exception {
    restart(SHORT);
    try (HttpClient client = HttpClient.newBuilder().sslContext(trusting).build();
        var lines =
            new BufferedReader(
                new InputStreamReader(
                    client
                        .send(
                            to("https", "/api/v1/events").build(),
                            HttpResponse.BodyHandlers.ofInputStream())
                        .body(),
                    US_ASCII))) {
      long began = System.nanoTime();
      int events = 0;
      while (System.nanoTime() - began < SHORT.plusSeconds(3).toNanos()) {
        events += lines.readLine().startsWith("data:") ? 1 : 0;
      }
      assertThat(events).isPositive();
    }
  }

  @Test
  void aKeyOfAnotherCertificate_keepsItFromStarting() throws IOException {
    Files.copy(second.key(), own.key().path(), StandardCopyOption.REPLACE_EXISTING);

    assertThatThrownBy(() -> serving(LONG))
        .isInstanceOf(UnusableTlsFileException.class)
        .hasMessageContaining("grpc_tls_key");
  }
}
