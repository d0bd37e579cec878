package io.taskbroker.embeddedkafka;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/** A self-signed certificate for this machine, and its key in PKCS#8, as PEM files. */
public record PemPair(Path certificate, Path key) {
  private static final String PASSWORD = "throwaway";
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});

  /**
   * Made by the JDK's own tool.
   *
   * @param folder exists, and holds no pair of that name
   */
  public static PemPair write(Path folder, String name) {
    Path store = folder.resolve(name + ".p12");
    generate(store, name);
    try {
      KeyStore keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
      return new PemPair(
          Files.writeString(
              folder.resolve(name + ".pem"),
              pem("CERTIFICATE", keys.getCertificate(name).getEncoded())),
          Files.writeString(
              folder.resolve(name + ".key"),
              pem("PRIVATE KEY", keys.getKey(name, PASSWORD.toCharArray()).getEncoded())));
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot read " + store, e);
    }
  }

  private static void generate(Path store, String name) {
    var keytool =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-dname",
                "CN=" + name,
                "-ext",
                "SAN=dns:localhost,ip:127.0.0.1",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    try {
      int status = keytool.start().waitFor();
      if (status != 0) {
        throw new IllegalStateException("keytool ended with status " + status);
      }
    } catch (IOException e) {
      throw new IllegalStateException("cannot start keytool", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while keytool made " + store, e);
    }
  }

  private static String pem(String kind, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
        .formatted(kind, LINES.encodeToString(der), kind);
  }
}
