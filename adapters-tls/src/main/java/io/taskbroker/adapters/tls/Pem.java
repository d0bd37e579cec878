package io.taskbroker.adapters.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PEM files, and refuses what cannot be used. */
public final class Pem {
  /** Larger files are no certificates. */
  private static final long MOST_BYTES = 1024 * 1024;

  private static final Pattern PRIVATE_KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----(.*?)-----END PRIVATE KEY-----", Pattern.DOTALL);

  /**
   * A certificate chain and the key of its first certificate.
   *
   * @param chain at least one
   */
  public record Identity(X509Certificate[] chain, PrivateKey key) {
    X509Certificate first() {
      return chain[0];
    }
  }

  private Pem() {}

  /**
   * @throws UnusableTlsFileException if it is missing, unreadable or too large
   */
  public static byte[] bytes(PemFile file) {
    try {
      long size = Files.size(file.path());
      if (size > MOST_BYTES) {
        throw new UnusableTlsFileException(
            "%s has %d bytes, which is no PEM file of certificates or keys. Name another"
                .formatted(file, size));
      }
      return Files.readAllBytes(file.path());
    } catch (IOException e) {
      throw new UnusableTlsFileException(
          "%s cannot be read (%s). Name a PEM file that the broker's user may read"
              .formatted(file, e),
          e);
    }
  }

  /**
   * @throws UnusableTlsFileException if one of both is no PEM, or the key is another certificate's
   */
  public static Identity identity(OwnCertificate own, byte[] certificate, byte[] key) {
    X509Certificate[] chain = certificates(own.certificate(), certificate);
    PrivateKey secret = key(own.key(), key);
    if (!belongs(secret, chain[0].getPublicKey())) {
      throw new UnusableTlsFileException(
          "%s is not the key of the first certificate in %s (%s). Put the two together, and the"
                  .formatted(own.key(), own.certificate(), chain[0].getSubjectX500Principal())
              + " broker's certificate before those of its authorities");
    }
    return new Identity(chain, secret);
  }

  /**
   * @return at least one
   * @throws UnusableTlsFileException if there is none
   */
  public static X509Certificate[] certificates(PemFile file, byte[] bytes) {
    try {
      X509Certificate[] all =
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))
              .toArray(X509Certificate[]::new);
      if (all.length > 0) {
        return all;
      }
    } catch (CertificateException e) {
      throw new UnusableTlsFileException(
          "%s holds no certificate that can be read (%s). Write certificates in PEM, which begin with"
                  .formatted(file, e.getMessage())
              + " '-----BEGIN CERTIFICATE-----'",
          e);
    }
    throw new UnusableTlsFileException(
        "%s holds no certificate. Write certificates in PEM, which begin with '-----BEGIN"
                .formatted(file)
            + " CERTIFICATE-----'");
  }

  private static PrivateKey key(PemFile file, byte[] bytes) {
    try {
      return key(new PKCS8EncodedKeySpec(der(bytes)));
    } catch (GeneralSecurityException | RuntimeException e) {
      throw new UnusableTlsFileException(
          "%s holds no private key that can be read%s. Write an RSA or EC key in PKCS#8 without a"
                  .formatted(file, kind(bytes))
              + " password, which begins with '-----BEGIN PRIVATE KEY-----'; 'openssl pkcs8 -topk8"
              + " -nocrypt' makes one of others",
          e);
    }
  }

  private static byte[] der(byte[] pem) throws InvalidKeySpecException {
    Matcher key = PRIVATE_KEY.matcher(new String(pem, StandardCharsets.ISO_8859_1));
    if (!key.find()) {
      throw new InvalidKeySpecException("no private key is in there");
    }
    return Base64.getMimeDecoder().decode(key.group(1));
  }

  private static PrivateKey key(PKCS8EncodedKeySpec encoded) throws GeneralSecurityException {
    try {
      return KeyFactory.getInstance("RSA").generatePrivate(encoded);
    } catch (InvalidKeySpecException _) {
      return KeyFactory.getInstance("EC").generatePrivate(encoded);
    }
  }

  /** What another kind of key calls itself. No byte of a key is told. */
  private static String kind(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    return List.of("ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY").stream()
        .filter(kind -> text.contains("-----BEGIN " + kind + "-----"))
        .findFirst()
        .map(kind -> ", but '" + kind + "'")
        .orElse("");
  }

  private static boolean belongs(PrivateKey key, PublicKey to) {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> key.getAlgorithm();
        };
    byte[] text = {1, 2, 3};
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(text);
      byte[] signed = signature.sign();
      signature.initVerify(to);
      signature.update(text);
      return signature.verify(signed);
    } catch (GeneralSecurityException _) { // of two kinds
      return false;
    }
  }
}
