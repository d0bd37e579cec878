package io.taskbroker.adapters.grpc;

import io.taskbroker.adapters.tls.WorkersTls;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * The workers that are called, and how.
 *
 * @param addresses by application
 * @param connections to each address, so that a balancer in between can spread them; 1 to 16
 * @param messageBytes of the largest request and response
 * @param timeout a worker has to accept a task, time for connecting included
 * @param sharedSecrets the first signs each request; none at all leaves them unsigned
 * @param tls for workers whose address asks for it
 */
public record GrpcWorkersSettings(
    Map<String, WorkerAddress> addresses,
    int connections,
    int messageBytes,
    Duration timeout,
    List<String> sharedSecrets,
    WorkersTls tls) {
  public static final int MAX_CONNECTIONS = 16;

  /** With {@link WorkersTls#DEFAULT}. */
  public GrpcWorkersSettings(
      Map<String, WorkerAddress> addresses,
      int connections,
      int messageBytes,
      Duration timeout,
      List<String> sharedSecrets) {
    this(addresses, connections, messageBytes, timeout, sharedSecrets, WorkersTls.DEFAULT);
  }

  public GrpcWorkersSettings {
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(
          "connections must be 1 to " + MAX_CONNECTIONS + ", was " + connections);
    }
    if (!timeout.isPositive()) {
      throw new IllegalArgumentException("timeout must be longer than 0, was " + timeout);
    }
    addresses = Map.copyOf(addresses);
    sharedSecrets = List.copyOf(sharedSecrets);
  }

  /** Whether any workers are called over TLS. */
  public boolean encrypts() {
    return addresses.values().stream().anyMatch(WorkerAddress::isEncrypted);
  }

  /** Without the secrets, so that it is safe to log. */
  @Override
  public String toString() {
    return "GrpcWorkersSettings[addresses=%s, connections=%d, timeout=%s, sharedSecrets=%d]"
        .formatted(addresses, connections, timeout, sharedSecrets.size());
  }
}
