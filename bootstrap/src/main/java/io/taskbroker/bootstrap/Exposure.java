package io.taskbroker.bootstrap;

import io.taskbroker.adapters.grpc.GrpcServerSettings;
import io.taskbroker.adapters.http.MonitoringSettings;
import io.taskbroker.adapters.http.admin.KnownBrokers;
import io.taskbroker.settings.BrokerConfig;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** Who can reach this broker, in one sentence. */
final class Exposure {
  private Exposure() {}

  /** What people should know who did not mean it so; empty if nothing is open to other machines. */
  static Optional<String> of(BrokerConfig config) {
    List<String> open = new ArrayList<>();
    List<String> remedies = new ArrayList<>();
    GrpcServerSettings grpc = config.grpc();
    if (grpc.isEnabled() && isOpen(grpc.address()) && !isGuarded(grpc)) {
      boolean isSigned = !grpc.sharedSecrets().isEmpty();
      open.add(
          "workers' port %d on %s, %s, %s"
              .formatted(
                  grpc.port(),
                  named(grpc.address()),
                  grpc.tls().isPresent()
                      ? "over TLS without clients' certificates"
                      : "in plain text",
                  isSigned
                      ? "signed requests only"
                      : "without a secret: whoever reaches it may take tasks and end them"));
      remedies.add("grpc_addr");
      if (!isSigned) {
        remedies.add("grpc_shared_secret");
      }
      remedies.add(grpc.tls().isPresent() ? "grpc_tls_client_ca" : "grpc_tls_certificate");
    }
    config
        .monitoring()
        .filter(http -> isOpen(http.address()))
        .ifPresent(
            http -> {
              open.add(monitoring(http));
              remedies.add("http_addr");
            });
    config
        .admin()
        .filter(admin -> isOpen(admin.address()) && admin.tls().isEmpty())
        .ifPresent(
            admin -> {
              open.add(
                  "the admin API at port %d on %s, in plain text, for those who have a token"
                      .formatted(admin.port(), named(admin.address())));
              remedies.add("admin.addr");
              remedies.add("admin.tls");
            });
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Other machines can reach %s. If they should not, set %s, or keep them out by the network"
                .formatted(String.join("; ", open), String.join(", ", remedies)));
  }

  /** Which tokens of ours others may read on their way; empty if none. */
  static Optional<String> ofTokens(BrokerConfig config) {
    List<KnownBrokers.Known> readable =
        config.admin().map(admin -> admin.brokers().others()).orElse(List.of()).stream()
            .filter(one -> one.token().isPresent() && isReadOnTheWay(URI.create(one.url())))
            .toList();
    return readable.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Tokens of admin.broker_tokens go in plain text to %s: whoever reads them on the way can"
                    .formatted(
                        readable.stream()
                            .map(KnownBrokers.Known::toString)
                            .collect(Collectors.joining(", ")))
                + " use them. Set admin.tls there, and write https:// in admin.brokers");
  }

  private static boolean isReadOnTheWay(URI address) {
    return !"https".equals(address.getScheme())
        && !isThisMachine(String.valueOf(address.getHost()));
  }

  /** By its text: the name servers may not know the other brokers yet, and take their time. */
  private static boolean isThisMachine(String host) {
    try {
      return host.equalsIgnoreCase("localhost")
          || InetAddress.ofLiteral(host.replaceAll("[\\[\\]]", "")).isLoopbackAddress();
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Whether what it says is hidden, and only those who prove who they are may speak. */
  private static boolean isGuarded(GrpcServerSettings grpc) {
    return grpc.tls()
        .filter(tls -> tls.admitsOnlyCertified() || !grpc.sharedSecrets().isEmpty())
        .isPresent();
  }

  private static String monitoring(MonitoringSettings http) {
    return "metrics and probes at port %d on %s, in plain text, for everybody"
        .formatted(http.port(), named(http.address()));
  }

  private static String named(String address) {
    return isAny(address) ? "all addresses" : address;
  }

  private static boolean isAny(String address) {
    try {
      return InetAddress.getByName(address).isAnyLocalAddress();
    } catch (UnknownHostException _) {
      return false;
    }
  }

  /** Whether others than this machine may get there; yes where that is not known. */
  private static boolean isOpen(String address) {
    try {
      return !InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException _) {
      return true;
    }
  }
}
