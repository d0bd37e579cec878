package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server with a certificate, users who need one, and the words in which it goes wrong. */
class TlsTest {
  /** Not among the names in the server's certificate. */
  private static final String ANOTHER_ADDRESS = "127.0.0.2";

  private static final String CERTIFIED = "certified";

  @TempDir private static Path folder;

  private static PostgresServer server;
  private static Path authority;
  private static Path stranger;
  private static Authority.Pair elliptic;
  private static Authority.Pair rsa;
  private static Authority.Pair strangers;

  @BeforeAll
  static void start() throws IOException {
    Authority good = Authority.in(folder, "good");
    Authority other = Authority.in(folder, "other");
    authority = good.certificate();
    stranger = other.certificate();
    elliptic = good.sign(CERTIFIED);
    Authority second = Authority.in(folder, "second");
    rsa = second.signRsa(CERTIFIED);
    strangers = other.sign(CERTIFIED);
    Path trusted =
        Files.writeString(
            folder.resolve("trusted.pem"),
            Files.readString(authority) + Files.readString(second.certificate()));
    Authority.Pair own = good.sign("server");
    server =
        PostgresServer.start(
            Map.of(
                "ssl", "on",
                "ssl_cert_file", own.certificate().toString(),
                "ssl_key_file", own.key().toString(),
                "ssl_ca_file", trusted.toString(),
                "listen_addresses", "*"));
    server.run("postgres", "CREATE ROLE " + CERTIFIED + " LOGIN");
    Path rules = server.folder().resolve("pg_hba.conf");
    Files.writeString(rules, "hostssl all certified 127.0.0.1/32 cert\n" + Files.readString(rules));
    server.run("postgres", "SELECT pg_reload_conf()");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  // ---------------------------------------------------------------- the server's certificate

  @ParameterizedTest
  @ValueSource(strings = {"disable", "allow"})
  void withoutTls(String mode) throws SQLException {
    assertThat(isEncrypted("sslmode=" + mode)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application_name=x",
        "sslmode=prefer",
        "sslmode=require",
        "sslmode=verify-ca&sslrootcert=%s",
        "sslmode=verify-full&sslrootcert=%s"
      })
  void withTls(String parameters) throws SQLException {
    assertThat(isEncrypted(parameters.formatted(authority))).isTrue();
  }

  @Test
  void anotherName_isLeftAloneByVerifyCa_andRefusedByVerifyFull() throws SQLException {
    String root = "&sslrootcert=" + authority + "&host=" + ANOTHER_ADDRESS;

    assertThat(isEncrypted("sslmode=verify-ca" + root)).isTrue();
    assertRefused("sslmode=verify-full" + root, "hostname 127.0.0.2 could not be verified");
  }

  @ParameterizedTest
  @ValueSource(strings = {"verify-ca", "verify-full"})
  void anotherAuthorityIsRefused(String mode) {
    assertRefused(
        "sslmode=" + mode + "&sslrootcert=" + stranger, "unable to find valid certification path");
    assertRefused("sslmode=" + mode, "unable to find valid certification path");
  }

  @Test
  void aMissingFileIsNamed() {
    assertRefused("sslmode=verify-full&sslrootcert=/no/such/ca.pem", "/no/such/ca.pem");
  }

  @Test
  void aServerWithoutTlsIsRefusedAtOnce() {
    PostgresSettings plain =
        Databases.settings(
            PostgresServer.shared().port(),
            "postgres",
            ConnectionParameters.parse("sslmode=require"));

    assertRefused(plain, "The server does not support SSL");
  }

  // ---------------------------------------------------------------- the client's

  @Test
  void aUserIsKnownByItsCertificate_whateverItsKeyIs() throws SQLException {
    assertThat(isEncrypted(certified(elliptic))).isTrue();
    assertThat(isEncrypted(certified(rsa))).isTrue();
  }

  @Test
  void aUserWithoutItsCertificateIsRefused() {
    assertRefused(
        "sslmode=require&user=" + CERTIFIED, "connection requires a valid client certificate");
    assertRefused(
        certified(new Authority.Pair(elliptic.certificate(), Path.of("/no/such.key"))),
        "/no/such.key");
    assertRefused(certified(strangers), "connection requires a valid client certificate");
  }

  private static String certified(Authority.Pair pair) {
    return "sslmode=verify-full&user=%s&sslrootcert=%s&sslcert=%s&sslkey=%s"
        .formatted(CERTIFIED, authority, pair.certificate(), pair.key());
  }

  // ---------------------------------------------------------------- in the tests' words

  private static PostgresSettings settings(String parameters) {
    return Databases.settings(server.port(), "postgres", ConnectionParameters.parse(parameters));
  }

  private static boolean isEncrypted(String parameters) throws SQLException {
    try (Connection connection = new Connections(settings(parameters), "tls").open();
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      return row.next() && row.getBoolean(1);
    }
  }

  private static void assertRefused(String parameters, String words) {
    assertRefused(settings(parameters), words);
  }

  /** At the start of a broker, which waits half a minute for what may pass by itself. */
  private static void assertRefused(PostgresSettings settings, String words) {
    long began = System.nanoTime();
    assertThatThrownBy(() -> PostgresJournal.open(settings, "tls", Databases.TIME).close())
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("cannot be used")
        .hasMessageContaining(words);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
  }
}
