package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.settings.BrokerConfig;
import io.taskbroker.settings.Configuration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExposureTest {
  private static final String TLS = "grpc_tls_certificate: tls.crt\ngrpc_tls_key: tls.key\n";

  @TempDir private Path folder;

  @Test
  void defaults_areOpenToAll_andSaidToBe() throws Exception {
    assertThat(exposure(""))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .contains("port 50051 on all addresses", "in plain text", "without a secret")
                    .contains("grpc_addr", "grpc_shared_secret")
                    .doesNotContain("http_addr"));
  }

  @Test
  void secret_isNotMissed_andNotShown() throws Exception {
    assertThat(exposure("grpc_shared_secret: [hidden]\nhttp_port: 9000\n"))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .contains("signed requests only", "port 9000", "http_addr")
                    .doesNotContain("hidden", "grpc_shared_secret"));
  }

  @Test
  void encryptionAlone_keepsNobodyOut() throws Exception {
    assertThat(exposure(TLS))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .contains("over TLS without clients' certificates", "without a secret")
                    .contains("grpc_shared_secret", "grpc_tls_client_ca")
                    .doesNotContain("in plain text"));
    assertThat(exposure(TLS + "grpc_tls_client_ca: ca.pem\ngrpc_tls_client_auth: optional\n"))
        .isPresent();
  }

  @Test
  void encryptionWithCertificatesOrASecret_isEnough() throws Exception {
    assertThat(exposure(TLS + "grpc_tls_client_ca: ca.pem\n")).isEmpty();
    assertThat(exposure(TLS + "grpc_shared_secret: [hidden]\n")).isEmpty();
  }

  @Test
  void adminApi_isOpenWhereItSpeaksPlainText() throws Exception {
    String admin = "grpc_port: 0\nadmin: {port: 8081, addr: 0.0.0.0, tls: %s}\n";

    assertThat(exposure(TLS + admin.formatted("false")))
        .hasValueSatisfying(
            line ->
                assertThat(line).contains("admin API", "in plain text", "admin.addr", "admin.tls"));
    assertThat(exposure(TLS + admin.formatted("true"))).isEmpty();
  }

  @Test
  void loopback_isNobodysBusiness() throws Exception {
    assertThat(exposure("grpc_addr: 127.0.0.1\nhttp_addr: localhost\nhttp_port: 9000\n")).isEmpty();
    assertThat(exposure("grpc_port: 0\n")).isEmpty();
  }

  @Test
  void tokensThatOthersMayRead_areSaid_andNotShown() throws Exception {
    String token = "0123456789abcdef";
    String others =
        "admin: {port: 8081, brokers: {b: \"%s\"}, broker_tokens: {b: \"" + token + "\"}}\n";

    assertThat(Exposure.ofTokens(config(others.formatted("http://192.0.2.7:8081"))))
        .hasValueSatisfying(
            line ->
                assertThat(line)
                    .contains("broker b at http://192.0.2.7:8081", "https://")
                    .doesNotContain(token));
    assertThat(Exposure.ofTokens(config(others.formatted("https://192.0.2.7:8081")))).isEmpty();
    assertThat(Exposure.ofTokens(config(others.formatted("http://127.0.0.1:8082")))).isEmpty();
    assertThat(Exposure.ofTokens(config(others.formatted("http://[::1]:8082")))).isEmpty();
    assertThat(Exposure.ofTokens(config(others.formatted("http://b.example:8081")))).isPresent();
    assertThat(
            Exposure.ofTokens(
                config("admin: {port: 8081, brokers: {b: \"http://192.0.2.7:8081\"}}\n")))
        .isEmpty();
  }

  private Optional<String> exposure(String yaml) throws IOException {
    return Exposure.of(config(yaml));
  }

  private BrokerConfig config(String yaml) throws IOException {
    Path file = Files.writeString(folder.resolve("config.yml"), yaml.isEmpty() ? "{}" : yaml);
    return Configuration.load(file, folder, Map.of()).settings();
  }
}
