package io.taskbroker.adapters.grpc.tls;

import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.netty.handler.ssl.ClientAuth;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContext;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslProvider;
import io.grpc.util.AdvancedTlsX509KeyManager;
import io.grpc.util.AdvancedTlsX509TrustManager;
import io.taskbroker.adapters.tls.OwnCertificate;
import io.taskbroker.adapters.tls.Pem;
import io.taskbroker.adapters.tls.PemFile;
import io.taskbroker.adapters.tls.ServerTls;
import io.taskbroker.adapters.tls.UnusableTlsFileException;
import io.taskbroker.adapters.tls.WatchedFiles;
import io.taskbroker.adapters.tls.WorkersTls;
import io.taskbroker.domain.TimeSource;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one side of TLS shows and whom it trusts, from files that are looked at again: what is
 * renewed on disk serves the next handshake. Connections that are open stay as they are.
 */
public final class Credentials {
  /** How often files are looked at. */
  public static final Duration LOOK_EVERY = Duration.ofSeconds(10);

  /**
   * How long a client may come back without showing its certificate again, in seconds: it has shown
   * it at the beginning of that session.
   */
  private static final long SESSION_SECONDS = 300;

  private static final String[] VERSIONS = {"TLSv1.3", "TLSv1.2"};

  private final List<WatchedFiles> watched = new ArrayList<>();
  private final SslContext context;

  private Credentials(
      SslContextBuilder builder, Optional<AdvancedTlsX509TrustManager> trust, ClientAuth clients)
      throws IOException {
    // Not the native one, which has to be unpacked somewhere first.
    GrpcSslContexts.configure(builder, SslProvider.JDK)
        .protocols(VERSIONS)
        .clientAuth(clients)
        .sessionTimeout(SESSION_SECONDS);
    trust.ifPresent(builder::trustManager);
    this.context = builder.build();
  }

  /**
   * @throws UnusableTlsFileException if one of the files cannot be used
   */
  public static Credentials ofServer(ServerTls tls, TimeSource time) {
    try {
      var keys = new AdvancedTlsX509KeyManager();
      Optional<AdvancedTlsX509TrustManager> trust =
          tls.clientAuthorities().isEmpty() ? Optional.empty() : Optional.of(trustManager());
      ClientAuth clients =
          trust.isEmpty()
              ? ClientAuth.NONE
              : switch (tls.clients()) {
                case REQUIRED -> ClientAuth.REQUIRE;
                case OPTIONAL -> ClientAuth.OPTIONAL;
              };
      var made = new Credentials(SslContextBuilder.forServer(keys), trust, clients);
      made.showFrom(tls.own(), keys, time);
      tls.clientAuthorities().ifPresent(file -> made.trustFrom(file, trust.orElseThrow(), time));
      return made;
    } catch (GeneralSecurityException | IOException e) {
      throw notBuilt(e);
    }
  }

  /**
   * @throws UnusableTlsFileException if one of the files cannot be used
   */
  public static Credentials ofCaller(WorkersTls tls, TimeSource time) {
    try {
      AdvancedTlsX509TrustManager trust = trustManager();
      SslContextBuilder builder = SslContextBuilder.forClient();
      var keys = new AdvancedTlsX509KeyManager();
      tls.own().ifPresent(_ -> builder.keyManager(keys));
      var made = new Credentials(builder, Optional.of(trust), ClientAuth.NONE);
      tls.own().ifPresent(own -> made.showFrom(own, keys, time));
      if (tls.authorities().isPresent()) {
        made.trustFrom(tls.authorities().get(), trust, time);
      } else {
        trust.useSystemDefaultTrustCerts();
      }
      return made;
    } catch (GeneralSecurityException | IOException e) {
      throw notBuilt(e);
    }
  }

  private static AdvancedTlsX509TrustManager trustManager() throws GeneralSecurityException {
    return AdvancedTlsX509TrustManager.newBuilder().build();
  }

  private static UnusableTlsFileException notBuilt(Exception e) {
    return new UnusableTlsFileException(
        "This Java cannot do TLS as it is asked for: " + e.getMessage(), e);
  }

  private void showFrom(OwnCertificate own, AdvancedTlsX509KeyManager keys, TimeSource time) {
    watch(
        new WatchedFiles(
            List.of(own.certificate(), own.key()),
            contents -> {
              Pem.Identity identity = Pem.identity(own, contents.getFirst(), contents.getLast());
              keys.updateIdentityCredentials(identity.chain(), identity.key());
              return List.of(identity.chain());
            },
            time));
  }

  private void trustFrom(PemFile file, AdvancedTlsX509TrustManager trust, TimeSource time) {
    watch(
        new WatchedFiles(
            List.of(file),
            contents -> {
              X509Certificate[] all = Pem.certificates(file, contents.getFirst());
              try {
                trust.updateTrustCredentials(all);
              } catch (GeneralSecurityException | IOException e) {
                throw new UnusableTlsFileException(
                    "%s cannot be trusted in: %s".formatted(file, e.getMessage()), e);
              }
              return List.of(all);
            },
            time));
  }

  private void watch(WatchedFiles files) {
    files.load();
    watched.add(files);
  }

  public SslContext context() {
    return context;
  }

  /**
   * Takes up what has changed on disk. One thread at a time.
   *
   * @return how many changes were taken up
   */
  public int look() {
    int changes = 0;
    for (WatchedFiles files : watched) {
      changes += files.look() ? 1 : 0;
    }
    return changes;
  }
}
