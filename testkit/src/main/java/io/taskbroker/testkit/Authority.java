package io.taskbroker.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * An authority of a test, which signs certificates for this machine. Made by the JDK's own {@code
 * keytool}; each certificate takes about a second.
 */
public final class Authority {
  private static final String PASSWORD = "throwaway";
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /**
   * PEM files.
   *
   * @param certificate the signed certificate alone
   * @param key its key in PKCS#8
   */
  public record Pair(Path certificate, Path key) {}

  private final Path folder;
  private final String name;
  private final Path store;

  private Authority(Path folder, String name) {
    this.folder = folder;
    this.name = name;
    this.store = folder.resolve(name + ".p12");
  }

  /**
   * @param folder exists, and holds no authority of that name
   */
  public static Authority in(Path folder, String name) {
    var authority = new Authority(folder, name);
    authority.generate(name, "EC", List.of("-ext", "bc:c", "-validity", "365"));
    return authority;
  }

  /** The authority's own certificate, for those that trust it. */
  public Path certificate() {
    return write(name).certificate();
  }

  /** A certificate for localhost and 127.0.0.1, valid from now on. */
  public Pair sign(String subject) {
    return sign(subject, "EC", "-1H", 30);
  }

  /** As {@link #sign}, for a key of RSA where the others' are of elliptic curves. */
  public Pair signRsa(String subject) {
    return sign(subject, "RSA", "-1H", 30);
  }

  /** One that was valid until yesterday. */
  public Pair signExpired(String subject) {
    return sign(subject, "EC", "-10d", 9);
  }

  /** One that is valid from tomorrow on. */
  public Pair signEarly(String subject) {
    return sign(subject, "EC", "+1d", 30);
  }

  private Pair sign(String subject, String keys, String start, int days) {
    generate(
        subject,
        keys,
        List.of(
            "-signer",
            name,
            "-ext",
            "SAN=dns:localhost,ip:127.0.0.1",
            "-startdate",
            start,
            "-validity",
            Integer.toString(days)));
    return write(subject);
  }

  private void generate(String alias, String keys, List<String> more) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-J-XX:TieredStopAtLevel=1",
                "-genkeypair",
                "-alias",
                alias,
                "-keyalg",
                keys,
                "-dname",
                "CN=" + alias,
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
    command.addAll(more);
    Path said = folder.resolve(name + ".log");
    try {
      int status =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start()
              .waitFor();
      if (status != 0) {
        throw new IllegalStateException("keytool: " + Files.readString(said));
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot start keytool", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while keytool worked in " + folder, e);
    }
  }

  private Pair write(String alias) {
    try {
      KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
      Certificate certificate = keys.getCertificateChain(alias)[0];
      Path key = folder.resolve(name + "-" + alias + ".key");
      Files.writeString(
          key, pem("PRIVATE KEY", keys.getKey(alias, PASSWORD.toCharArray()).getEncoded()));
      Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
      return new Pair(
          Files.writeString(
              folder.resolve(name + "-" + alias + ".pem"),
              pem("CERTIFICATE", certificate.getEncoded())),
          key);
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot read " + store, e);
    }
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(kind, LINES.encodeToString(der), kind);
  }
}
