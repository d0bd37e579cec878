package io.taskbroker.adapters.postgres;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Of what kind the key in a PEM file is: the driver takes each for RSA unless it is told. */
final class PemKey {
  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);

  private static final List<String> ALGORITHMS = List.of("RSA", "EC", "EdDSA");

  private PemKey() {}

  /** The algorithm; empty if the file holds no such key. The driver then says what is wrong. */
  static Optional<String> algorithmOf(String file) {
    String text;
    try {
      text = Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
    } catch (IOException | InvalidPathException e) {
      return Optional.empty();
    }
    Matcher key = KEY.matcher(text);
    return key.find()
        ? algorithmOf(Base64.getMimeDecoder().decode(key.group(1)))
        : Optional.empty();
  }

  private static Optional<String> algorithmOf(byte[] encoded) {
    return ALGORITHMS.stream().filter(algorithm -> isOf(algorithm, encoded)).findFirst();
  }

  private static boolean isOf(String algorithm, byte[] encoded) {
    try {
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded))
          != null;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
