package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminServer;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.Surroundings;
import io.taskbroker.adapters.protobuf.ReadableActivations;
import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.testkit.Authority;
import io.taskbroker.testkit.broker.BrokerFixture;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What commands say of a broker that speaks TLS, over its socket. */
class OperatorTlsTest {
  @TempDir private static Path made;
  private static Path ca;
  private static Authority.Pair broker;
  private static Authority.Pair expired;
  private static Authority.Pair early;

  private final BrokerFixture fixture = BrokerFixture.start();
  private AdminServer server;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @BeforeAll
  static void sign() {
    Authority authority = Authority.in(made, "ca");
    ca = authority.certificate();
    broker = authority.sign("broker");
    expired = authority.signExpired("expired");
    early = authority.signEarly("early");
  }

  @BeforeEach
  void start() {
    server = serving(Optional.of(broker));
  }

  private AdminServer serving(Optional<Authority.Pair> shown) {
    return AdminServer.start(
        new AdminSettings(
                "0.0.0.0",
                0,
                64,
                List.of(),
                Optional.of(AdminRole.ADMIN),
                List.of(),
                AdminRole.OPERATOR)
            .with(
                shown.map(
                    pair ->
                        new OwnCertificate(
                            new PemFile("grpc_tls_certificate", pair.certificate()),
                            new PemFile("grpc_tls_key", pair.key())))),
        fixture.broker(),
        Surroundings.of(new ReadableActivations(), "1.2.3"),
        fixture.time());
  }

  private void restart(Optional<Authority.Pair> shown) {
    server.close();
    server = serving(shown);
  }

  @AfterEach
  void close() {
    server.close();
    fixture.close();
  }

  private int status(String address, String... more) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    CommandLine line = TaskbrokerCommand.line(Map.of());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    List<String> words = new ArrayList<>(List.of("status", "--broker"));
    words.add(address + ":" + server.port());
    words.addAll(List.of(more));
    return line.execute(words.toArray(String[]::new));
  }

  private int trusting(String address) {
    return status(address, "--ca", ca.toString());
  }

  @Test
  void aBrokerWhoseAuthorityIsTrusted_isAsked() {
    assertThat(trusting("https://localhost")).as(err.toString()).isZero();
    assertThat(trusting("https://127.0.0.1")).isZero();
    assertThat(out.toString()).contains("taskbroker 1.2.3: ready");
  }

  @Test
  void anAuthorityThatNobodyKnows_isSaidToBeNamed() {
    assertThat(status("https://localhost")).isEqualTo(1);
    assertThat(err.toString())
        .contains("nobody who is trusted here", "https://localhost:", "--ca or BROKER_CA");
  }

  @Test
  void anExpiredCertificate_isCalledSo() {
    restart(Optional.of(expired));

    assertThat(trusting("https://localhost")).isEqualTo(1);
    assertThat(err.toString()).contains("has ended", "NotAfter", "renew it");
  }

  @Test
  void oneThatIsNotValidYet_isCalledSo() {
    restart(Optional.of(early));

    assertThat(trusting("https://localhost")).isEqualTo(1);
    assertThat(err.toString()).contains("is not valid yet", "clocks");
  }

  @Test
  void aNameThatItDoesNotHave_isCalledSo() {
    assertThat(trusting("https://127.0.0.2")).isEqualTo(1);
    assertThat(err.toString()).contains("is for other names", "127.0.0.2");
  }

  @Test
  void plainTextOnAPortOfTls_isToldWhatToSay() {
    assertThat(status("http://localhost")).isEqualTo(1);
    assertThat(err.toString()).contains("This port speaks TLS", "https://");
  }

  @Test
  void tlsOnAPortOfPlainText_isToldWhatToSay() {
    restart(Optional.empty());

    assertThat(trusting("https://localhost")).isEqualTo(1);
    assertThat(err.toString()).contains("no TLS is spoken at", "call it with http://");
  }

  @Test
  void authoritiesThatAreNone_areNamed() throws Exception {
    Path file = Files.writeString(made.resolve("none.pem"), "nothing");

    assertThat(status("https://localhost", "--ca", file.toString())).isEqualTo(1);
    assertThat(err.toString()).contains("--ca", "none.pem", "holds no certificate");
  }
}
