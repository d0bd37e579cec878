package io.taskbroker.adapters.tls;

import java.net.Socket;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * Shows a server's certificate, and another one from the next handshake on as soon as there is one.
 * {@link #show} is called by one thread, all else by any.
 */
final class RenewedKeys extends X509ExtendedKeyManager {
  /** The newest first. A handshake that has begun may still ask for the one before. */
  private volatile List<Shown> shown = List.of();

  private int number;

  private record Shown(String alias, Pem.Identity identity) {
    String keyType() {
      return identity.key().getAlgorithm();
    }
  }

  void show(Pem.Identity identity) {
    List<Shown> former = shown;
    var newest = new Shown(Integer.toString(++number), identity);
    shown = former.isEmpty() ? List.of(newest) : List.of(newest, former.getFirst());
  }

  private Optional<Shown> of(@Nullable String alias) {
    return shown.stream().filter(one -> one.alias().equals(alias)).findFirst();
  }

  private @Nullable String newest(String keyType) {
    return shown.stream()
        .limit(1)
        .filter(one -> one.keyType().equals(keyType))
        .map(Shown::alias)
        .findFirst()
        .orElse(null);
  }

  @Override
  public @Nullable String chooseEngineServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
    return newest(keyType);
  }

  @Override
  public @Nullable String chooseServerAlias(
      String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return newest(keyType);
  }

  @Override
  public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
    String alias = newest(keyType);
    return alias == null ? null : new String[] {alias};
  }

  @Override
  public X509Certificate @Nullable [] getCertificateChain(@Nullable String alias) {
    return of(alias).map(one -> one.identity().chain().clone()).orElse(null);
  }

  @Override
  public @Nullable PrivateKey getPrivateKey(@Nullable String alias) {
    return of(alias).map(one -> one.identity().key()).orElse(null);
  }

  // ---------------------------------------------------------------- it is no client

  @Override
  public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
    return null;
  }

  @Override
  public @Nullable String chooseClientAlias(
      String[] keyTypes, Principal @Nullable [] issuers, @Nullable Socket socket) {
    return null;
  }
}
