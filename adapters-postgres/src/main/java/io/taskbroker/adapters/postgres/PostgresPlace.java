package io.taskbroker.adapters.postgres;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where the database is.
 *
 * @param host a name or an address, or several with commas between them: the one that takes writes
 *     is used
 * @param database where the tasks are
 * @param defaultDatabase to connect to for creating {@code database}
 */
public record PostgresPlace(String host, int port, String database, String defaultDatabase) {
  /** Seen from here, the server's words for a socket. */
  private static final String FOLDER = "/";

  /** An address of IPv6 has several colons. */
  private static final Pattern HOST_WITH_PORT = Pattern.compile("([^:]*|\\[.*]):\\d*");

  public PostgresPlace {
    host = Arrays.stream(host.split(",", -1)).map(String::strip).collect(Collectors.joining(","));
    for (String one : host.split(",", -1)) {
      check(one);
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("the port must be 1 to 65535, was " + port);
    }
    if (database.isEmpty() || defaultDatabase.isEmpty()) {
      throw new IllegalArgumentException("the name of a database must not be empty");
    }
  }

  private static void check(String host) {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("the host must not be empty");
    }
    if (host.startsWith(FOLDER)) {
      throw new IllegalArgumentException(
          "the host '%s' is the folder of a Unix socket, which this broker cannot use. Name a host"
              .formatted(host));
    }
    if (HOST_WITH_PORT.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "the host '%s' has a port, which belongs into store.pg.port; all hosts have the same one"
              .formatted(host));
    }
  }

  List<String> hosts() {
    return List.of(host.split(","));
  }

  /** For people, such as {@code tasks at db:5432}. */
  @Override
  public String toString() {
    return "%s at %s:%d".formatted(database, host, port);
  }
}
