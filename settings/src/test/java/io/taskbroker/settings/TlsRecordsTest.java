package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.grpc.WorkerAddress;
import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.ServerTls;
import io.taskbroker.adapters.tls.WorkersTls;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsRecordsTest {
  private static final String KAFKA = "kafka_cluster: 127.0.0.1:9092\n";

  @Test
  void portSpeaksPlainText_byDefault() {
    assertThat(Reading.load(KAFKA).settings().grpc().tls()).isEmpty();
  }

  @Test
  void clientsNeedACertificate_whereAnAuthorityIsNamed() {
    assertThat(
            Reading.load(
                    KAFKA
                        + """
                        grpc_tls_certificate: /c
                        grpc_tls_key: /k
                        grpc_tls_client_ca: /ca
                        """)
                .settings()
                .grpc()
                .tls())
        .contains(
            new ServerTls(
                pair("grpc_tls_certificate", "grpc_tls_key"),
                Optional.of(new PemFile("grpc_tls_client_ca", Path.of("/ca"))),
                ServerTls.ClientCertificates.REQUIRED));
  }

  @Test
  void pushes_haveTheirOwn() {
    PushConfig push =
        Reading.load(
                KAFKA
                    + """
                    delivery_mode: push
                    worker_map: {shop: "https://shop:1"}
                    push: {tls: {ca: /ca, certificate: /c, key: /k}}
                    """)
            .settings()
            .push()
            .orElseThrow();

    assertThat(push.workers().addresses())
        .containsEntry("shop", new WorkerAddress("shop", 1, WorkerAddress.Scheme.HTTPS));
    assertThat(push.workers().tls())
        .isEqualTo(
            new WorkersTls(
                Optional.of(new PemFile("push.tls.ca", Path.of("/ca"))),
                Optional.of(pair("push.tls.certificate", "push.tls.key"))));
  }

  @ParameterizedTest
  @CsvSource({
    "grpc_tls_certificate, grpc_tls_key",
    "grpc_tls_key, grpc_tls_certificate",
    "grpc_tls_client_ca, grpc_tls_certificate",
    "push.tls.certificate, push.tls.key",
    "push.tls.key, push.tls.certificate",
  })
  void keyWithoutTheOneItNeeds_isRefused(String key, String missing) {
    String variable = Settings.CATALOGUE.environment().variableFor(key) + "=/x";

    assertThat(Reading.load(KAFKA + "delivery_mode: push\n", variable).problems())
        .singleElement()
        .asString()
        .contains(key, missing);
  }

  @Test
  void adminApi_speaksPlainText_unlessItIsToSpeakTls_withTheCertificateForWorkers() {
    String port = KAFKA + "grpc_tls_certificate: /c\ngrpc_tls_key: /k\n";

    assertThat(adminTls(port + "admin: {port: 8081}\n")).isEmpty();
    assertThat(adminTls(port + "admin: {port: 8081, tls: true}\n"))
        .contains(pair("grpc_tls_certificate for admin.tls", "grpc_tls_key for admin.tls"));
    assertThat(Reading.load(KAFKA + "admin: {port: 8081, tls: true}\n").problems())
        .singleElement()
        .asString()
        .contains("admin.tls", "grpc_tls_certificate", "grpc_tls_key");
    assertThat(Reading.load(KAFKA + "admin: {tls: true}\n").problems()).isEmpty();
  }

  private static Optional<OwnCertificate> adminTls(String yaml) {
    return Reading.load(yaml).settings().admin().orElseThrow().tls();
  }

  private static OwnCertificate pair(String certificate, String key) {
    return new OwnCertificate(
        new PemFile(certificate, Path.of("/c")), new PemFile(key, Path.of("/k")));
  }
}
