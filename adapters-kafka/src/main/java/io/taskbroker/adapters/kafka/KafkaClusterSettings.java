package io.taskbroker.adapters.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One Kafka cluster. Two are the same cluster when their addresses are equal.
 *
 * @param name under which the configuration declares it
 * @param address comma-separated list of {@code host:port}; the port may be missing and is 9092
 *     then
 */
public record KafkaClusterSettings(String name, String address, KafkaSecuritySettings security) {
  private static final String DEFAULT_PORT = "9092";

  /** A protocol that is ignored, a host name or a bracketed IPv6 address, and a port. */
  private static final Pattern SERVER =
      Pattern.compile(
          "(?:[A-Za-z_]+://)?(?<host>[^\\s:/\\[\\]]+|\\[[0-9A-Fa-f:.%]+])(?::(?<port>\\d{1,5}))?");

  private static final int HIGHEST_PORT = 65_535;

  public KafkaClusterSettings {
    if (servers(address).isEmpty()) {
      throw new IllegalArgumentException("the address of cluster '" + name + "' is empty");
    }
  }

  public boolean isSameAs(KafkaClusterSettings other) {
    return address.equals(other.address);
  }

  /** Whether both addresses name some server, so that they are of one cluster. */
  boolean sharesServerWith(KafkaClusterSettings other) {
    return servers().stream()
        .anyMatch(server -> other.servers().stream().anyMatch(server::equalsIgnoreCase));
  }

  /** The address as a list, with the ports that were left out. */
  List<String> servers() {
    return servers(address);
  }

  private static List<String> servers(String address) {
    List<String> servers = new ArrayList<>();
    for (String part : address.split(",", -1)) {
      if (!part.isBlank()) {
        servers.add(server(part.strip()));
      }
    }
    return List.copyOf(servers);
  }

  private static String server(String part) {
    Matcher matcher = SERVER.matcher(part);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "address must be a list of host:port separated by commas, found '" + part + "'");
    }
    String port = matcher.group("port") == null ? DEFAULT_PORT : matcher.group("port");
    if (Integer.parseInt(port) > HIGHEST_PORT) {
      throw new IllegalArgumentException("address has a port above 65535: '" + part + "'");
    }
    return matcher.group("host") + ":" + port;
  }
}
