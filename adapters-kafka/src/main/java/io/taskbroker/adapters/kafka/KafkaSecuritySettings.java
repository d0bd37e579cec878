package io.taskbroker.adapters.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How a cluster wants to be spoken to. Null leaves the client's default, which is plain text.
 *
 * @param protocol in any case, for example {@code sasl_ssl}; kept in upper case
 * @param saslMechanism in any case, for example {@code SCRAM-SHA-256}; kept in upper case
 * @param caLocation a PEM file with the certificates to trust; null for the system's
 * @param certificateLocation a PEM file with the client's certificate chain
 * @param keyLocation a PEM file with the client's key in PKCS#8
 */
public record KafkaSecuritySettings(
    @Nullable String protocol,
    @Nullable String saslMechanism,
    @Nullable String saslUsername,
    @Nullable String saslPassword,
    @Nullable String caLocation,
    @Nullable String certificateLocation,
    @Nullable String keyLocation) {
  public static final KafkaSecuritySettings NONE =
      new KafkaSecuritySettings(null, null, null, null, null, null, null);

  private static final Set<String> PROTOCOLS =
      Set.of("PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL");

  /** Those that a user name and a password are enough for. */
  private static final Set<String> MECHANISMS = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512");

  public KafkaSecuritySettings {
    protocol = upperCase(protocol);
    saslMechanism = upperCase(saslMechanism);
    List<String> problems = new ArrayList<>();
    if (protocol != null && !PROTOCOLS.contains(protocol)) {
      problems.add(
          "security_protocol must be plaintext, ssl, sasl_plaintext or sasl_ssl, was '%s'"
              .formatted(protocol));
    }
    if (saslMechanism != null && !MECHANISMS.contains(saslMechanism)) {
      problems.add(
          "sasl_mechanism must be PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512, was '%s'"
              .formatted(saslMechanism));
    }
    if (protocol != null && protocol.startsWith("SASL_")) {
      demand(saslMechanism, "sasl_mechanism", protocol, problems);
      demand(saslUsername, "sasl_username", protocol, problems);
      demand(saslPassword, "sasl_password", protocol, problems);
    }
    if ((certificateLocation == null) != (keyLocation == null)) {
      problems.add("ssl_certificate_location and ssl_key_location need each other");
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  /** Whether a user name and a password are sent. */
  boolean usesSasl() {
    return protocol != null && protocol.startsWith("SASL_");
  }

  /** Whether the connection is encrypted. */
  boolean usesTls() {
    return protocol != null && protocol.endsWith("SSL");
  }

  /** Without the password, so that it is safe to log. */
  @Override
  public String toString() {
    return "KafkaSecuritySettings[protocol=%s, saslMechanism=%s, saslUsername=%s]"
        .formatted(protocol, saslMechanism, saslUsername);
  }

  private static void demand(
      @Nullable String value, String key, String protocol, List<String> problems) {
    if (value == null) {
      problems.add("%s is missing, which security_protocol %s needs".formatted(key, protocol));
    }
  }

  private static @Nullable String upperCase(@Nullable String value) {
    return value == null ? null : value.toUpperCase(Locale.ROOT);
  }
}
