package io.taskbroker.adapters.http.admin;

import io.taskbroker.adapters.tls.OwnCertificate;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where the admin API is served, and to whom.
 *
 * @param address an IP address or a host name of this machine
 * @param port 0 for some free one
 * @param connections most connections at a time; above it the one that has waited longest is closed
 * @param tokens who may call
 * @param withoutToken what may be done from this machine without a token; empty for nothing
 * @param hosts further names under which browsers may ask for it
 * @param arguments who may see the arguments of tasks
 * @param brokers those that are shown together with this one
 * @param tls what clients are shown; empty for plain text
 * @param sharing for how long an answer is given to others who ask the same; zero for not at all
 */
public record AdminSettings(
    String address,
    int port,
    int connections,
    List<AdminToken> tokens,
    Optional<AdminRole> withoutToken,
    List<String> hosts,
    AdminRole arguments,
    KnownBrokers brokers,
    Optional<OwnCertificate> tls,
    Duration sharing) {
  /** Nobody sees that numbers are so old, and many who look at once cost little. */
  public static final Duration SHARING = Duration.ofMillis(250);

  public AdminSettings {
    tokens = List.copyOf(tokens);
    hosts = List.copyOf(hosts);
    if (connections < 1) {
      throw new IllegalArgumentException("connections must be at least 1, was " + connections);
    }
  }

  /** Of a broker that knows no other one, in plain text, and answers each question by itself. */
  public AdminSettings(
      String address,
      int port,
      int connections,
      List<AdminToken> tokens,
      Optional<AdminRole> withoutToken,
      List<String> hosts,
      AdminRole arguments) {
    this(
        address,
        port,
        connections,
        tokens,
        withoutToken,
        hosts,
        arguments,
        KnownBrokers.NONE,
        Optional.empty(),
        Duration.ZERO);
  }

  /** The same, with others. */
  public AdminSettings with(KnownBrokers known) {
    return new AdminSettings(
        address, port, connections, tokens, withoutToken, hosts, arguments, known, tls, sharing);
  }

  /** The same, over TLS if there is a certificate. */
  public AdminSettings with(Optional<OwnCertificate> certificate) {
    return new AdminSettings(
        address,
        port,
        connections,
        tokens,
        withoutToken,
        hosts,
        arguments,
        brokers,
        certificate,
        sharing);
  }
}
