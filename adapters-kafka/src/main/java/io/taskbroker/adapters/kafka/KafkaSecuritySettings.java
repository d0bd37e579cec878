package io.taskbroker.adapters.kafka;

import org.jspecify.annotations.Nullable;

/**
 * How a cluster wants to be spoken to. Null leaves the client's default, which is plain text.
 *
 * @param protocol in any case, for example {@code sasl_ssl}
 * @param saslMechanism in any case, for example {@code SCRAM-SHA-256}
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

  /** Without the password, so that it is safe to log. */
  @Override
  public String toString() {
    return "KafkaSecuritySettings[protocol=%s, saslMechanism=%s, saslUsername=%s]"
        .formatted(protocol, saslMechanism, saslUsername);
  }
}
