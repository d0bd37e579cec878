package io.taskbroker.adapters.grpc.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.netty.shaded.io.netty.buffer.UnpooledByteBufAllocator;
import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.ServerTls;
import io.taskbroker.adapters.tls.TlsFiles;
import io.taskbroker.adapters.tls.UnusableTlsFileException;
import io.taskbroker.adapters.tls.WorkersTls;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.testkit.Authority;
import io.taskbroker.testkit.log.CapturedLog;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are renewed, and files that cannot be used. Both sides talk in memory. */
class CredentialsTest {
  @TempDir private static Path made;
  private static Path ca;
  private static Path otherCa;
  private static Authority.Pair first;
  private static Authority.Pair second;
  private static Authority.Pair strange;
  private static Authority.Pair expired;

  @TempDir private Path folder;
  private Moment now = new Moment(System.currentTimeMillis(), 0);
  private final TimeSource time = () -> now;
  private OwnCertificate own;
  private PemFile trusted;

  @BeforeAll
  static void sign() {
    Authority authority = Authority.in(made, "ca");
    Authority other = Authority.in(made, "other");
    ca = authority.certificate();
    otherCa = other.certificate();
    first = authority.sign("first");
    second = authority.sign("second");
    expired = authority.signExpired("expired");
    strange = other.sign("strange");
  }

  @BeforeEach
  void place() throws IOException {
    own =
        new OwnCertificate(
            new PemFile("grpc_tls_certificate", folder.resolve("tls.crt")),
            new PemFile("grpc_tls_key", folder.resolve("tls.key")));
    trusted = new PemFile("grpc_tls_client_ca", folder.resolve("ca.crt"));
    put(first);
    copy(ca, trusted.path());
  }

  private void put(Authority.Pair pair) throws IOException {
    copy(pair.certificate(), own.certificate().path());
    copy(pair.key(), own.key().path());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
  }

  private Credentials server() {
    return Credentials.ofServer(
        new ServerTls(own, Optional.of(trusted), ServerTls.ClientCertificates.REQUIRED), time);
  }

  private Credentials caller(Authority.Pair shown) {
    return Credentials.ofCaller(
        new WorkersTls(
            Optional.of(new PemFile("push.tls.ca", ca)),
            Optional.of(
                new OwnCertificate(
                    new PemFile("push.tls.certificate", shown.certificate()),
                    new PemFile("push.tls.key", shown.key())))),
        time);
  }

  @Test
  void bothSides_seeWhomTheyTalkTo() throws Exception {
    assertThat(shownBy(server(), caller(second))).isEqualTo("CN=first");
  }

  @Test
  void renewedCertificate_isShownToTheNextClient() throws Exception {
    Credentials server = server();
    Credentials client = caller(second);
    put(second);
    assertThat(shownBy(server, client)).isEqualTo("CN=first");

    assertThat(server.look()).isEqualTo(1);

    assertThat(shownBy(server, client)).isEqualTo("CN=second");
    assertThat(server.look()).isZero();
  }

  /** A client trusts the first one through the others. */
  @Test
  void endOfACertificateFurtherUpTheChain_isSaid() throws Exception {
    Files.writeString(
        own.certificate().path(),
        Files.readString(expired.certificate()),
        StandardOpenOption.APPEND);

    try (CapturedLog log = new CapturedLog("taskbroker::tls")) {
      server();
      assertThat(log.lines()).singleElement().asString().contains("CN=expired", "ended");
    }

    TlsFiles files = new TlsFiles(Instant.ofEpochMilli(now.wallMs()));
    files.look(new ServerTls(own, Optional.of(trusted), ServerTls.ClientCertificates.REQUIRED));
    assertThat(files.remarks()).anyMatch(remark -> remark.contains("CN=expired"));
  }

  @Test
  void brokenNewFile_leavesTheOldOneInUse() throws Exception {
    Credentials server = server();
    Files.writeString(own.certificate().path(), "-----BEGIN CERTIFICATE-----\nrubbish\n");

    assertThat(server.look()).isZero();
    assertThat(server.look()).isZero();
    assertThat(shownBy(server, caller(second))).isEqualTo("CN=first");

    Files.delete(own.certificate().path());
    assertThat(server.look()).isZero();
    assertThat(shownBy(server, caller(second))).isEqualTo("CN=first");
  }

  @Test
  void certificateAheadOfItsKey_waitsForIt() throws Exception {
    Credentials server = server();
    copy(second.certificate(), own.certificate().path());
    assertThat(server.look()).isZero();
    assertThat(shownBy(server, caller(second))).isEqualTo("CN=first");

    copy(second.key(), own.key().path());
    assertThat(server.look()).isEqualTo(1);
    assertThat(shownBy(server, caller(second))).isEqualTo("CN=second");
  }

  @Test
  void renewedAuthorities_decideOnTheNextClient() throws Exception {
    Credentials server = server();
    copy(otherCa, trusted.path());
    assertThat(server.look()).isEqualTo(1);

    assertThatThrownBy(() -> shownBy(server, caller(second)))
        .isInstanceOf(SSLHandshakeException.class);
    assertThat(shownBy(server, caller(strange))).isEqualTo("CN=first");
  }

  @Test
  void strangersAndTheExpired_areRefused() {
    assertThatThrownBy(() -> shownBy(server(), caller(strange)))
        .isInstanceOf(SSLHandshakeException.class);
    assertThatThrownBy(() -> shownBy(server(), caller(expired)))
        .isInstanceOf(SSLHandshakeException.class);
  }

  @Test
  void keyOfAnotherCertificate_isNamed() throws IOException {
    copy(second.key(), own.key().path());

    assertThatThrownBy(this::server)
        .isInstanceOf(UnusableTlsFileException.class)
        .hasMessageContainingAll("grpc_tls_key", "tls.key", "CN=first");
  }

  @Test
  void oldFormOfAKey_isToldHowToBeConverted() throws IOException {
    Files.writeString(own.key().path(), "-----BEGIN EC PRIVATE KEY-----\nAAAA\n");

    assertThatThrownBy(this::server)
        .isInstanceOf(UnusableTlsFileException.class)
        .hasMessageContainingAll("'EC PRIVATE KEY'", "openssl pkcs8 -topk8");
  }

  @Test
  void missingFile_isNamed() throws IOException {
    Files.delete(trusted.path());

    assertThatThrownBy(this::server)
        .isInstanceOf(UnusableTlsFileException.class)
        .hasMessageContainingAll("grpc_tls_client_ca", "ca.crt", "cannot be read");
  }

  /** Returns the name in the server's certificate after both have agreed. */
  private static String shownBy(Credentials server, Credentials caller) throws SSLException {
    SSLEngine one = server.context().newEngine(UnpooledByteBufAllocator.DEFAULT);
    SSLEngine other =
        caller.context().newEngine(UnpooledByteBufAllocator.DEFAULT, "localhost", 50051);
    ByteBuffer toServer = ByteBuffer.allocate(64 * 1024);
    ByteBuffer toClient = ByteBuffer.allocate(64 * 1024);
    one.beginHandshake();
    other.beginHandshake();
    for (int turn = 0; turn < 100; turn++) {
      take(other, toClient, toServer);
      take(one, toServer, toClient);
      if (isDone(one) && isDone(other) && toServer.position() == 0 && toClient.position() == 0) {
        var shown = (X509Certificate) other.getSession().getPeerCertificates()[0];
        return shown.getSubjectX500Principal().getName();
      }
    }
    throw new AssertionError("the two never agree");
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING;
  }

  private static void take(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    ByteBuffer plain = ByteBuffer.allocate(64 * 1024);
    in.flip();
    boolean goesOn = true;
    while (goesOn) {
      HandshakeStatus status = engine.getHandshakeStatus();
      switch (status) {
        case NEED_TASK -> engine.getDelegatedTask().run();
        case NEED_WRAP -> engine.wrap(ByteBuffer.allocate(0), out);
        default -> goesOn = in.hasRemaining() && engine.unwrap(in, plain).bytesConsumed() > 0;
      }
    }
    in.compact();
  }

  @Test
  void certificateThatEndsSoon_isStillUsed() throws Exception {
    now = now.plus(Duration.ofDays(26));

    assertThat(shownBy(server(), caller(second))).isEqualTo("CN=first");
  }
}
