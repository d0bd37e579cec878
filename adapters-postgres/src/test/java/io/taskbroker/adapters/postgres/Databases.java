package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Databases of the servers that all tests of this module share. */
final class Databases {
  /** The real time, as leases are measured by it beside the server's. */
  static final TimeSource TIME =
      new TimeSource() {
        @Override
        public Moment now() {
          return new Moment(System.currentTimeMillis(), System.nanoTime() / 1_000_000);
        }

        @Override
        public long nanos() {
          return System.nanoTime();
        }
      };

  /** By server, a database to copy. */
  private static final Map<PostgresServer, String> TEMPLATES = new HashMap<>();

  private Databases() {}

  /** A new database with our tables in it. */
  static PostgresSettings migrated() {
    return migrated(PostgresServer.shared());
  }

  /** The same, of this server. */
  static synchronized PostgresSettings migrated(PostgresServer server) {
    String template =
        TEMPLATES.computeIfAbsent(
            server,
            of -> {
              String database = of.createDatabase();
              new Migrations(settings(of, database), TIME, _ -> {}).run();
              return database;
            });
    return settings(server, server.createDatabase(template));
  }

  /** A new database with nothing in it. */
  static PostgresSettings empty() {
    return settings(PostgresServer.shared().createDatabase());
  }

  static PostgresSettings settings(String database) {
    return settings(PostgresServer.shared(), database);
  }

  static PostgresSettings settings(PostgresServer server, String database) {
    return settings(server.port(), database, ConnectionParameters.NONE);
  }

  static PostgresSettings settings(int port, String database, ConnectionParameters parameters) {
    Login login = new Login(PostgresServer.SUPERUSER, "");
    return new PostgresSettings(
        new PostgresPlace("127.0.0.1", port, database, "postgres"),
        login,
        login,
        parameters,
        false,
        Repetition.DEFAULT,
        Duration.ofSeconds(60));
  }
}
