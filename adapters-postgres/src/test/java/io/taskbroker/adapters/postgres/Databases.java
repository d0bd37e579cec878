package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Databases of the one server that all tests of this module share. */
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

  private static @Nullable String template;

  private Databases() {}

  /** A new database with our tables in it. */
  static synchronized PostgresSettings migrated() {
    String from = template;
    if (from == null) {
      from = PostgresServer.shared().createDatabase();
      new Migrations(settings(from), TIME, _ -> {}).run();
      template = from;
    }
    return settings(PostgresServer.shared().createDatabase(from));
  }

  /** A new database with nothing in it. */
  static PostgresSettings empty() {
    return settings(PostgresServer.shared().createDatabase());
  }

  static PostgresSettings settings(String database) {
    return settings(PostgresServer.shared().port(), database, ConnectionParameters.NONE);
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
