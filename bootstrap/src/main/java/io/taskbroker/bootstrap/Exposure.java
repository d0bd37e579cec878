package io.taskbroker.bootstrap;

import io.taskbroker.adapters.http.MonitoringSettings;
import io.taskbroker.settings.BrokerConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Who can reach this broker, in one sentence. */
final class Exposure {
  private Exposure() {}

  /** What people should know who did not mean it so; empty if nothing is open to other machines. */
  static Optional<String> of(BrokerConfig config) {
    List<String> open = new ArrayList<>();
    List<String> remedies = new ArrayList<>();
    boolean isSigned = !config.grpc().sharedSecrets().isEmpty();
    if (config.grpc().isEnabled() && isOpen(config.grpc().address())) {
      open.add(
          "workers' port %d on %s, in plain text, %s"
              .formatted(
                  config.grpc().port(),
                  named(config.grpc().address()),
                  isSigned
                      ? "signed requests only"
                      : "without a secret: whoever reaches it may take tasks and end them"));
      remedies.add("grpc_addr");
      if (!isSigned) {
        remedies.add("grpc_shared_secret");
      }
    }
    config
        .monitoring()
        .filter(http -> isOpen(http.address()))
        .ifPresent(
            http -> {
              open.add(monitoring(http));
              remedies.add("http_addr");
            });
    return open.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Other machines can reach %s. If they should not, set %s, or keep them out by the network"
                .formatted(String.join("; ", open), String.join(", ", remedies)));
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
