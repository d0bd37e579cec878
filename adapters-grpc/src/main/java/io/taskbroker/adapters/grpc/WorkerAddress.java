package io.taskbroker.adapters.grpc;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where the workers of one application listen.
 *
 * @param host a name, an IPv4 address, or an IPv6 address in brackets; a name of several addresses
 *     stands for all of them
 * @param scheme whether calls are encrypted
 */
public record WorkerAddress(String host, int port, Scheme scheme) {
  /** How workers are spoken to. */
  public enum Scheme {
    HTTP(80),
    HTTPS(443);

    /** What is meant where the port is left out. */
    private final int port;

    Scheme(int port) {
      this.port = port;
    }
  }

  /** Not {@link java.net.URI}: it finds no host in names with an underscore, which Docker makes. */
  private static final Pattern URL =
      Pattern.compile("((?i:https?))://(\\[[0-9A-Fa-f:.%]+]|[0-9A-Za-z._-]+)(?::([0-9]{1,5}))?/?");

  /** In plain text. */
  public WorkerAddress(String host, int port) {
    this(host, port, Scheme.HTTP);
  }

  public WorkerAddress {
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("port must be 1 to 65535, was " + port);
    }
  }

  /**
   * From a URL such as {@code http://worker:50052}.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static WorkerAddress of(String url) {
    Matcher parts = URL.matcher(url);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + url + "' is no address of workers; write http://HOST:PORT or https://HOST:PORT");
    }
    Scheme scheme = Scheme.valueOf(parts.group(1).toUpperCase(Locale.ROOT));
    String port = parts.group(3);
    return new WorkerAddress(
        parts.group(2), port == null ? scheme.port : Integer.parseInt(port), scheme);
  }

  public boolean isEncrypted() {
    return scheme == Scheme.HTTPS;
  }

  /**
   * Whether its workers can show a certificate that is found right. Java finds none right for a
   * name with an underscore, whatever stands in it.
   */
  public boolean canBeTrusted() {
    return !isEncrypted() || host.indexOf('_') < 0;
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
