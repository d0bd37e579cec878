package io.taskbroker.adapters.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class KafkaSecuritySettingsTest {
  @Test
  void nothingIsPlainText() {
    assertThat(KafkaSecuritySettings.NONE.usesSasl()).isFalse();
    assertThat(KafkaSecuritySettings.NONE.usesTls()).isFalse();
  }

  @Test
  void protocolAndMechanism_mayBeInAnyCase() {
    var settings =
        new KafkaSecuritySettings("sasl_Ssl", "scram-sha-256", "u", "p", null, null, null);

    assertThat(settings.protocol()).isEqualTo("SASL_SSL");
    assertThat(settings.saslMechanism()).isEqualTo("SCRAM-SHA-256");
    assertThat(settings.usesSasl()).isTrue();
    assertThat(settings.usesTls()).isTrue();
  }

  @Test
  void allThatIsWrong_isSaidAtOnce() {
    assertThatThrownBy(
            () -> new KafkaSecuritySettings("tls", "GSSAPI", null, null, null, "cert.pem", null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("security_protocol must be")
        .hasMessageContaining("'TLS'")
        .hasMessageContaining("sasl_mechanism must be")
        .hasMessageContaining("ssl_certificate_location and ssl_key_location need each other");
  }

  @Test
  void saslNeedsCredentials() {
    assertThatThrownBy(
            () -> new KafkaSecuritySettings("sasl_plaintext", null, null, null, null, null, null))
        .hasMessageContaining("sasl_mechanism is missing")
        .hasMessageContaining("sasl_username is missing")
        .hasMessageContaining("sasl_password is missing");
  }

  @Test
  void thePasswordIsNotPrinted() {
    var settings = new KafkaSecuritySettings("sasl_ssl", "plain", "user", "hush", null, null, null);

    assertThat(settings.toString()).contains("user").doesNotContain("hush");
  }
}
