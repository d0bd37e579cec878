package io.taskbroker.proving.tls;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.taskbroker.testkit.Authority;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.stream.Collectors;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Who somebody is in TLS, and whom it trusts.
 *
 * @param pair what it shows, whatever is asked for, with a key of an elliptic curve; null for
 *     nothing
 * @param trusted the certificate of the authority that it trusts
 */
record Identity(Authority.@Nullable Pair pair, Path trusted) {
  /** For plain sockets. */
  SSLContext context() {
    try {
      KeyManager[] own = pair == null ? new KeyManager[0] : new KeyManager[] {shown(pair)};
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(own, trust().getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot use " + this, e);
    }
  }

  /** For a client of gRPC. */
  SslContext ofClient() {
    try {
      SslContextBuilder builder =
          GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
              .trustManager(trust());
      if (pair != null) {
        builder.keyManager(shown(pair));
      }
      return builder.build();
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("cannot use " + this, e);
    }
  }

  private TrustManagerFactory trust() throws IOException, GeneralSecurityException {
    KeyStore authorities = KeyStore.getInstance("PKCS12");
    authorities.load(null, null);
    authorities.setCertificateEntry("authority", certificate(trusted));
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(authorities);
    return trust;
  }

  private static KeyManager shown(Authority.Pair pair)
      throws IOException, GeneralSecurityException {
    return new ShownAlways(certificate(pair.certificate()), key(pair.key()));
  }

  private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
    String text =
        Files.readAllLines(file).stream()
            .filter(line -> !line.startsWith("-----"))
            .collect(Collectors.joining());
    return KeyFactory.getInstance("EC")
        .generatePrivate(new PKCS8EncodedKeySpec(Base64.getDecoder().decode(text)));
  }

  private static X509Certificate certificate(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }
}
