package io.taskbroker.adapters.grpc;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the workers of one application listen, in plain text.
 *
 * @param host a name, an IPv4 address, or an IPv6 address in brackets; a name of several addresses
 *     stands for all of them
 */
public record WorkerAddress(String host, int port) {
  /** Of {@code http}, which is what is meant where the port is left out. */
  private static final int DEFAULT_PORT = 80;

  /** Not {@link java.net.URI}: it finds no host in names with an underscore, which Docker makes. */
  private static final Pattern URL =
      Pattern.compile("(?i:http)://(\\[[0-9A-Fa-f:.%]+]|[0-9A-Za-z._-]+)(?::([0-9]{1,5}))?/?");

  public WorkerAddress {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be 1 to 65535, was " + port);
    }
  }

  /**
   * From a URL such as {@code http://worker:50052}.
   *
   * @throws IllegalArgumentException if it is none, or asks for encryption
   */
  public static WorkerAddress of(String url) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + url + "' is no address of workers; write http://HOST:PORT");
    }
    String port = parts.group(2);
    return new WorkerAddress(parts.group(1), port == null ? DEFAULT_PORT : Integer.parseInt(port));
  }

  /** The host as the JDK's resolver takes it. */
  String hostName() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
