package io.taskbroker.adapters.http.brokers;

import io.taskbroker.adapters.tls.Pem;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.UnusableTlsFileException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** Whom a caller of brokers trusts over TLS, and what it says where it does not. */
public final class Trust {
  private Trust() {}

  /**
   * Trusts these authorities, and no others.
   *
   * @throws UnusableTlsFileException if the file cannot be used
   */
  public static SSLContext in(PemFile file) {
    try {
      KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
      trusted.load(null, null);
      for (X509Certificate one : Pem.certificates(file, Pem.bytes(file))) {
        trusted.setCertificateEntry(Integer.toString(trusted.size()), one);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new UnusableTlsFileException("%s cannot be trusted in: %s".formatted(file, e), e);
    }
  }

  /**
   * Why there is no TLS with a broker; empty if the failure is of another kind.
   *
   * @param url of the broker, as it may be shown
   */
  static Optional<String> words(@Nullable Throwable failure, String url) {
    Optional<String> words = Optional.empty();
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      Optional<String> more = ofOne(cause, url);
      words = more.isPresent() ? more : words;
    }
    return words;
  }

  /** Of a failure by itself: its cause may know more. */
  private static Optional<String> ofOne(Throwable failure, String url) {
    String said = String.valueOf(failure.getMessage());
    return switch (failure) {
      case CertificateExpiredException _ ->
          Optional.of("the certificate of %s has ended (%s): renew it".formatted(url, said));
      case CertificateNotYetValidException _ ->
          Optional.of(
              "the certificate of %s is not valid yet (%s): see the clocks of both machines"
                  .formatted(url, said));
      case CertPathBuilderException _ ->
          Optional.of(
              "nobody who is trusted here has signed the certificate of %s: name the PEM file of its authority by --ca or BROKER_CA"
                  .formatted(url));
      case SSLException _ -> Optional.of(ofTls(said, url));
      default -> Optional.empty();
    };
  }

  private static String ofTls(String said, String url) {
    if (said.toLowerCase(Locale.ROOT).contains("unrecognized ssl message")) {
      return "no TLS is spoken at %s: call it with http://".formatted(url);
    }
    if (said.contains("No subject alternative") || said.contains("No name matching")) {
      return "the certificate of %s is for other names (%s): call the broker by one of those"
          .formatted(url, said);
    }
    return "no TLS with %s (%s)".formatted(url, said);
  }
}
