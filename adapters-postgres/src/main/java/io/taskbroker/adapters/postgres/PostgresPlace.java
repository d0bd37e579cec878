package io.taskbroker.adapters.postgres;

import java.util.List;

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

  public PostgresPlace {
    if (host.isBlank()) {
      throw new IllegalArgumentException("the host must not be empty");
    }
    if (host.startsWith(FOLDER)) {
      throw new IllegalArgumentException(
          "the host '%s' is the folder of a Unix socket, which this broker cannot use. Name a host"
              .formatted(host));
    }
    if (port < 1 || port > 65_535) {
      throw new IllegalArgumentException("the port must be 1 to 65535, was " + port);
    }
    if (database.isEmpty() || defaultDatabase.isEmpty()) {
      throw new IllegalArgumentException("the name of a database must not be empty");
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
