package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code check-config} says of the files of TLS: one sentence for each that is wrong. */
class NamedFilesTest {
  private static final String REPORT = "to be mended before the broker starts:";

  @TempDir private static Path made;
  private static Path ca;
  private static Authority.Pair broker;
  private static Authority.Pair renewed;
  private static Authority.Pair expired;

  @TempDir private Path folder;
  private Path certificate;
  private Path key;
  private Path clientCa;

  private record Outcome(int status, String said) {}

  @BeforeAll
  static void sign() {
    Authority authority = Authority.in(made, "ca");
    ca = authority.certificate();
    broker = authority.sign("broker");
    renewed = authority.sign("renewed");
    expired = authority.signExpired("expired");
  }

  @BeforeEach
  void place() throws IOException {
    certificate = folder.resolve("tls.crt");
    key = folder.resolve("tls.key");
    clientCa = folder.resolve("ca.crt");
    copy(broker.certificate(), certificate);
    copy(broker.key(), key);
    copy(ca, clientCa);
  }

  @Test
  void rightFiles_areNotSpokenOf() throws Exception {
    assertThat(check()).isEqualTo(new Outcome(0, ""));
  }

  @Test
  void missingFiles_areAllNamed() throws Exception {
    Files.delete(certificate);
    Files.delete(key);
    Files.delete(clientCa);

    assertThat(problems(check()))
        .hasSize(3)
        .allSatisfy(line -> assertThat(line).contains("cannot be read"))
        .satisfiesExactly(
            line -> assertThat(line).contains("grpc_tls_certificate (" + certificate),
            line -> assertThat(line).contains("grpc_tls_key (" + key),
            line -> assertThat(line).contains("grpc_tls_client_ca (" + clientCa));
  }

  @Test
  void folderInPlaceOfAFile_cannotBeRead() throws Exception {
    Files.delete(clientCa);
    Files.createDirectory(clientCa);

    assertThat(problems(check()))
        .singleElement()
        .asString()
        .contains("grpc_tls_client_ca", "cannot be read");
  }

  @Test
  void wrongContents_areNamed() throws Exception {
    Files.writeString(certificate, "no certificate\n");
    Files.writeString(clientCa, "");

    assertThat(problems(check()))
        .satisfiesExactly(
            line -> assertThat(line).contains("grpc_tls_certificate", "holds no certificate"),
            line -> assertThat(line).contains("grpc_tls_client_ca", "holds no certificate"));
  }

  @Test
  void certificateAheadOfItsKey_isNotItsKeys() throws Exception {
    copy(renewed.certificate(), certificate);

    assertThat(problems(check()))
        .singleElement()
        .asString()
        .contains("grpc_tls_key", "is not the key of", "CN=renewed");
  }

  @Test
  void certificateWrittenByHalf_isNoCertificate() throws Exception {
    String whole = Files.readString(renewed.certificate());
    Files.writeString(certificate, whole.substring(0, whole.length() / 2));

    assertThat(problems(check()))
        .singleElement()
        .asString()
        .contains("grpc_tls_certificate", "holds no certificate");
  }

  @Test
  void keyWrittenByHalf_isNoKey() throws Exception {
    String whole = Files.readString(broker.key());
    Files.writeString(key, whole.substring(0, whole.length() / 2));

    assertThat(problems(check()))
        .singleElement()
        .asString()
        .contains("grpc_tls_key", "holds no private key");
  }

  @Test
  void expiredCertificate_isWorthALook() throws Exception {
    copy(expired.certificate(), certificate);
    copy(expired.key(), key);

    Outcome outcome = check();

    assertThat(outcome.status()).isZero();
    assertThat(outcome.said())
        .contains("worth a look:", "'CN=expired' of grpc_tls_certificate", "ended on", "renew it");
  }

  @Test
  void keyThatEverybodyMayRead_isWorthALook() throws Exception {
    Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(check().said()).contains("grpc_tls_key", "every user of this host", "chmod o-r");
  }

  @Test
  void filesOfPush_areLookedAtWhereAnAddressIsEncrypted() throws Exception {
    assertThat(pushing("http")).isEqualTo(new Outcome(0, ""));
    assertThat(problems(pushing("https")))
        .singleElement()
        .asString()
        .contains("push.tls.ca", "cannot be read");
  }

  private Outcome pushing(String scheme) throws IOException {
    return run(
        """
        delivery_mode: push
        worker_map: {any: '%s://localhost:50052'}
        push: {tls: {ca: '%s'}}
        """
            .formatted(scheme, folder.resolve("none.pem")),
        List.of("check-config"));
  }

  private Outcome check() throws IOException {
    return run(tls(), List.of("check-config"));
  }

  private String tls() {
    return """
        grpc_tls_certificate: '%s'
        grpc_tls_key: '%s'
        grpc_tls_client_ca: '%s'
        """
        .formatted(certificate, key, clientCa);
  }

  private Outcome run(String yaml, List<String> command) throws IOException {
    Path file = Files.writeString(folder.resolve("c.yml"), yaml);
    var err = new StringWriter();
    List<String> words = new ArrayList<>(command);
    words.addAll(List.of("-c", file.toString()));
    int status =
        TaskbrokerCommand.line(Map.of())
            .setOut(new PrintWriter(new StringWriter()))
            .setErr(new PrintWriter(err))
            .execute(words.toArray(String[]::new));
    return new Outcome(status, err.toString());
  }

  /** The sentences of the report of what is wrong, which must be all that is said. */
  private static List<String> problems(Outcome outcome) {
    assertThat(outcome.status()).isEqualTo(1);
    List<String> lines = outcome.said().lines().filter(line -> !line.isBlank()).toList();
    assertThat(lines.getFirst()).isEqualTo(REPORT);
    return lines.subList(1, lines.size());
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
