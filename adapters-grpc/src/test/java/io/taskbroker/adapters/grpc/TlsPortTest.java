package io.taskbroker.adapters.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.ServerTls;
import io.taskbroker.adapters.tls.ServerTls.ClientCertificates;
import io.taskbroker.proto.v1.ConsumerServiceGrpc;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in where the port speaks TLS, beside a probe that is answered. */
class TlsPortTest {
  private static final Duration SHORT = Duration.ofMillis(500);
  private static final Duration LONG = Duration.ofMinutes(5);

  /** The first bytes of a client's greeting, whose length says that more will follow. */
  private static final byte[] HALF_HELLO = {22, 3, 1, 1, 0, 1, 0, 0, (byte) 252, 3, 3};

  /** A frame of HTTP/2: its length, type and flags, and the stream. */
  private static final byte[] EMPTY_SETTINGS = {0, 0, 0, 4, 0, 0, 0, 0, 0};

  private static final byte[] ACKNOWLEDGED_SETTINGS = {0, 0, 0, 4, 1, 0, 0, 0, 0};

  /** The server's three settings, a window, and its acknowledgement of ours. */
  private static final int GREETING_BYTES = 9 + 3 * 6 + 9 + 4 + 9;

  @TempDir private static Path folder;
  private static Path ca;
  private static Authority.Pair broker;
  private static Authority.Pair worker;
  private static Authority.Pair expired;
  private static Authority.Pair stranger;

  private final List<Socket> sockets = new ArrayList<>();
  private final List<ManagedChannel> channels = new ArrayList<>();
  private TestServer server = serving(ClientCertificates.REQUIRED, limits(LONG));

  @BeforeAll
  static void sign() {
    Authority authority = Authority.in(folder, "ca");
    ca = authority.certificate();
    broker = authority.sign("broker");
    worker = authority.sign("worker");
    expired = authority.signExpired("expired");
    stranger = Authority.in(folder, "other").sign("stranger");
  }

  @AfterEach
  void probe_isAnsweredAllTheSame() throws Exception {
    assertThat(
            HealthGrpc.newBlockingStub(channel(worker))
                .withWaitForReady() // a busy machine may be too slow to shake hands at once
                .withDeadlineAfter(Duration.ofSeconds(60))
                .check(HealthCheckRequest.getDefaultInstance())
                .getStatus())
        .isEqualTo(ServingStatus.SERVING);
    for (Socket socket : sockets) {
      socket.close();
    }
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
  }

  private void restart(TestServer other) {
    server.close();
    server = other;
  }

  private static TestServer serving(ClientCertificates clients, GrpcServerLimits limits) {
    var tls =
        new ServerTls(
            new OwnCertificate(
                new PemFile("grpc_tls_certificate", broker.certificate()),
                new PemFile("grpc_tls_key", broker.key())),
            Optional.of(new PemFile("grpc_tls_client_ca", ca)),
            clients);
    return new TestServer(limits, new GrpcServerSettings("127.0.0.1", 0, List.of()).with(tls));
  }

  private static GrpcServerLimits limits(Duration handshake) {
    return GrpcServerLimits.DEFAULT.with(
        new GrpcServerLimits.Connections(100, 0, 20, 8, handshake, LONG, LONG, LONG));
  }

  @Test
  void workerWithItsCertificate_isServed() throws Exception {
    server.add("a");

    assertThat(
            ConsumerServiceGrpc.newBlockingStub(channel(worker))
                .withDeadlineAfter(Duration.ofSeconds(60))
                .getTask(GetTaskRequest.getDefaultInstance())
                .getTask()
                .getId())
        .isEqualTo("a");
  }

  @Test
  void othersAreNot() throws Exception {
    server.add("a");

    assertThat(codeOf(channel(null))).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(codeOf(channel(stranger))).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(codeOf(channel(expired))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void certificateThatIsOptional_mayBeMissing_butNotWrong() throws Exception {
    restart(serving(ClientCertificates.OPTIONAL, limits(LONG)));

    assertThat(codeOf(channel(null))).isEqualTo(Status.Code.NOT_FOUND);
    assertThat(codeOf(channel(expired))).isEqualTo(Status.Code.UNAVAILABLE);
  }

  @Test
  void plainText_isClosed() throws Exception {
    Socket socket = connect();
    socket.getOutputStream().write(RawConnection.PREFACE.getBytes(StandardCharsets.US_ASCII));

    awaitEnd(socket);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 11})
  void handshakeThatDoesNotEnd_isClosed(int bytes) throws Exception {
    restart(serving(ClientCertificates.REQUIRED, limits(SHORT)));
    Socket socket = connect();
    socket.getOutputStream().write(HALF_HELLO, 0, bytes);

    awaitEnd(socket);
  }

  @Test
  void handshakesThatDoNotEnd_makeRoomForOthers() throws Exception {
    for (int i = 0; i < 200; i++) {
      connect().getOutputStream().write(HALF_HELLO);
    }

    awaitEnd(sockets.getFirst());
  }

  @Test
  void clientWithoutHttp2_isClosed() throws Exception {
    restart(serving(ClientCertificates.OPTIONAL, limits(LONG)));
    SSLSocket socket = tlsSocket("TLSv1.3");
    socket.startHandshake();

    awaitEnd(socket);
  }

  /** Each one costs us more than it costs a client, and nothing behind TLS sees it. */
  @Test
  void secondHandshake_endsTheConnection() throws Exception {
    restart(serving(ClientCertificates.OPTIONAL, limits(LONG)));
    SSLSocket socket = tlsSocket("TLSv1.2");
    SSLParameters offering = socket.getSSLParameters();
    offering.setApplicationProtocols(new String[] {"h2"});
    socket.setSSLParameters(offering);
    socket.startHandshake();
    socket.getOutputStream().write(RawConnection.PREFACE.getBytes(StandardCharsets.US_ASCII));
    socket.getOutputStream().write(EMPTY_SETTINGS);
    byte[] greeting = socket.getInputStream().readNBytes(GREETING_BYTES);
    assertThat(greeting).endsWith(ACKNOWLEDGED_SETTINGS);

    assertThat(readBehindAnotherHandshake(socket)).as("an end, and no answer").isNegative();
  }

  private static int readBehindAnotherHandshake(SSLSocket socket) throws IOException {
    try {
      socket.startHandshake();
      socket.getOutputStream().write(EMPTY_SETTINGS);
      return socket.getInputStream().read();
    } catch (SSLException | SocketException _) { // closed, or reset
      return -1;
    }
  }

  @Test
  void newVersionsAlone_areSpoken() throws Exception {
    restart(serving(ClientCertificates.OPTIONAL, limits(LONG)));

    for (String version : List.of("TLSv1.2", "TLSv1.3")) {
      SSLSocket socket = tlsSocket(version);
      socket.startHandshake();
      assertThat(socket.getSession().getProtocol()).isEqualTo(version);
    }
    Socket old = connect();
    // A whole greeting of TLS 1.0, with one cipher of its time.
    old.getOutputStream().write(oldHello());
    byte[] answer = old.getInputStream().readNBytes(7);
    assertThat(answer[0]).as("an alert").isEqualTo((byte) 21);
    assertThat(answer[6]).as("protocol version").isEqualTo((byte) 70);
  }

  private static byte[] oldHello() {
    byte[] hello = new byte[5 + 4 + 2 + 32 + 1 + 4 + 2];
    hello[0] = 22;
    hello[1] = 3;
    hello[2] = 1;
    hello[4] = (byte) (hello.length - 5);
    hello[5] = 1;
    hello[8] = (byte) (hello.length - 9);
    hello[9] = 3;
    hello[10] = 1;
    hello[45] = 2; // bytes of ciphers
    hello[47] = 0x2f;
    hello[48] = 1; // one way of compression: none
    return hello;
  }

  private Socket connect() throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), server.server.port());
    socket.setSoTimeout(60_000);
    sockets.add(socket);
    return socket;
  }

  /** One that trusts everybody, and offers no protocol behind TLS. */
  private SSLSocket tlsSocket(String version) throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {new Trusting()}, null);
    Socket plain = connect();
    var socket =
        (SSLSocket)
            context.getSocketFactory().createSocket(plain, "localhost", plain.getPort(), true);
    socket.setEnabledProtocols(new String[] {version});
    return socket;
  }

  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(java.security.cert.X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(java.security.cert.X509Certificate[] chain, String kind) {}

    @Override
    public java.security.cert.X509Certificate[] getAcceptedIssuers() {
      return new java.security.cert.X509Certificate[0];
    }
  }

  /** Reads until the other side has closed; fails after a minute. */
  private static void awaitEnd(Socket socket) throws IOException {
    try {
      socket.getInputStream().readAllBytes();
    } catch (SSLHandshakeException | SocketException _) { // an alert, or a reset
      assertThat(socket.isConnected()).isTrue();
    }
  }

  private static Status.Code codeOf(Channel channel) {
    try {
      var _ =
          ConsumerServiceGrpc.newBlockingStub(channel)
              .withDeadlineAfter(Duration.ofSeconds(60))
              .getTask(GetTaskRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  private ManagedChannel channel(Authority.@Nullable Pair shown) throws Exception {
    SslContextBuilder tls = GrpcSslContexts.forClient().trustManager(ca.toFile());
    if (shown != null) {
      tls.keyManager(shown.certificate().toFile(), shown.key().toFile());
    }
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("localhost", server.server.port())
            .sslContext(tls.build())
            .keepAliveTime(1, TimeUnit.HOURS)
            .build();
    channels.add(channel);
    return channel;
  }
}
