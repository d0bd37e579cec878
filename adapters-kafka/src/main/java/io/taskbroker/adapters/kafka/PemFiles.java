package io.taskbroker.adapters.kafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.config.types.Password;

/**
 * Turns PEM files into the client's trust store and key store; says which file is wrong, and how.
 */
final class PemFiles {
  private static final String PEM = "PEM";

  private PemFiles() {}

  /**
   * Reads the files, so that a wrong one is reported by its key and not by the client's innards.
   *
   * @throws ConfigException naming key and file
   */
  static Map<String, Object> stores(KafkaSecuritySettings security) {
    Map<String, Object> properties = new HashMap<>();
    if (security.caLocation() != null) {
      properties.put(SslConfigs.SSL_TRUSTSTORE_TYPE_CONFIG, PEM);
      properties.put(
          SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG,
          new Password(certificates("ssl_ca_location", security.caLocation())));
    }
    if (security.certificateLocation() != null && security.keyLocation() != null) {
      properties.put(SslConfigs.SSL_KEYSTORE_TYPE_CONFIG, PEM);
      properties.put(
          SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG,
          new Password(certificates("ssl_certificate_location", security.certificateLocation())));
      properties.put(
          SslConfigs.SSL_KEYSTORE_KEY_CONFIG,
          new Password(privateKey("ssl_key_location", security.keyLocation())));
    }
    return properties;
  }

  private static String certificates(String key, String location) {
    String text = read(key, location);
    if (!text.contains("-----BEGIN CERTIFICATE-----")) {
      throw wrong(key, location, "holds no PEM certificate");
    }
    return text;
  }

  private static String privateKey(String key, String location) {
    String text = read(key, location);
    if (text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")) {
      throw wrong(key, location, "holds a key with a passphrase; " + asPlainPkcs8(location));
    }
    if (!text.contains("-----BEGIN PRIVATE KEY-----")) {
      throw wrong(key, location, "holds no key in PKCS#8; " + asPlainPkcs8(location));
    }
    return text;
  }

  private static String asPlainPkcs8(String location) {
    return "convert it with: openssl pkcs8 -topk8 -nocrypt -in %s -out key.pem".formatted(location);
  }

  private static String read(String key, String location) {
    try {
      return Files.readString(Path.of(location));
    } catch (NoSuchFileException e) {
      throw wrong(key, location, "does not exist");
    } catch (IOException | InvalidPathException e) {
      throw wrong(key, location, "cannot be read as text (" + e + ")");
    }
  }

  private static ConfigException wrong(String key, String location, String what) {
    return new ConfigException("%s: %s %s".formatted(key, location, what));
  }
}
