package io.taskbroker.adapters.grpc;

import io.taskbroker.adapters.tls.ServerTls;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where workers reach the broker, and how they prove who they are.
 *
 * @param address an IP address or a host name of this machine
 * @param port 0 for no server at all
 * @param sharedSecrets any of them signs a request; none at all lets every request in
 * @param connections most connections that workers may use at a time
 * @param connectionsPerAddress most connections of one client address; 0 for no such limit
 * @param longestWait how long a call that asks for a task may wait for one; zero if none may
 * @param tls how connections are encrypted; empty if they are not
 * @param heartbeat longest pause between two signs of life of a worker that promises them
 */
public record GrpcServerSettings(
    String address,
    int port,
    List<String> sharedSecrets,
    int connections,
    int connectionsPerAddress,
    Duration longestWait,
    Optional<ServerTls> tls,
    Duration heartbeat) {
  /** How often a worker that promises signs of life gives one, unless somebody has set that. */
  public static final Duration HEARTBEAT = Duration.ofSeconds(30);

  /** In plain text, with the connections and the wait of {@link GrpcServerLimits#DEFAULT}. */
  public GrpcServerSettings(String address, int port, List<String> sharedSecrets) {
    this(
        address,
        port,
        sharedSecrets,
        GrpcServerLimits.DEFAULT.connections().seats(),
        0,
        GrpcServerLimits.DEFAULT.answers().longestWait(),
        Optional.empty(),
        HEARTBEAT);
  }

  public GrpcServerSettings {
    if (port < 0 || port > 65_535) {
      throw new IllegalArgumentException("port must be 0 to 65535, was " + port);
    }
    if (sharedSecrets.stream().anyMatch(String::isEmpty)) {
      throw new IllegalArgumentException("an empty secret lets everybody in: take it out");
    }
    if (!heartbeat.isPositive()) {
      throw new IllegalArgumentException("heartbeat must be positive, was " + heartbeat);
    }
    sharedSecrets = List.copyOf(sharedSecrets);
  }

  /** The same, encrypted. */
  public GrpcServerSettings with(ServerTls encryption) {
    return new GrpcServerSettings(
        address,
        port,
        sharedSecrets,
        connections,
        connectionsPerAddress,
        longestWait,
        Optional.of(encryption),
        heartbeat);
  }

  public boolean isEnabled() {
    return port > 0;
  }

  /** Without the secrets, so that it is safe to log. */
  @Override
  public String toString() {
    return "GrpcServerSettings[address=%s, port=%d, sharedSecrets=%d]"
        .formatted(address, port, sharedSecrets.size());
  }
}
