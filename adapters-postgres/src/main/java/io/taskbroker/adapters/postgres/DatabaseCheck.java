package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Whether a broker could start with a database, found out without changing anything. */
public final class DatabaseCheck {
  /** Each connection prepares it, and a pooler hands the session of one on to the other. */
  private static final String PREPARED = "SELECT version FROM taskbroker_meta WHERE one = 1";

  /** What was found. */
  public sealed interface Finding {
    /**
     * A broker could.
     *
     * @param line what was reached
     */
    record Fit(String line) implements Finding {}

    /**
     * It could not.
     *
     * @param reason with what to do
     */
    record Unfit(String reason) implements Finding {}
  }

  private DatabaseCheck() {}

  /** Looks, over two connections. */
  public static Finding run(PostgresSettings settings) {
    Connections connections = new Connections(settings, "check");
    PostgresPlace server = settings.server();
    try (Connection connection = connections.open();
        Connection another = connections.open()) {
      connections.refuseSeveralPrimaries(settings.workerLogin());
      ServerSight sight = SchemaCheck.run(connection, server);
      for (int round = 0; round < 2; round++) {
        prepareAndRun(connection);
        prepareAndRun(another);
      }
      return new Finding.Fit(
          "%s: Postgres %s, takes writes, tables of version %d"
              .formatted(server, sight.version(), Schema.VERSION));
    } catch (UnusableDatabaseException e) {
      return new Finding.Unfit(String.valueOf(e.getMessage()));
    } catch (SQLException e) {
      return new Finding.Unfit(
          "%s cannot be used: %s".formatted(server, PostgresErrors.wordsAtStart(e)));
    }
  }

  private static void prepareAndRun(Connection connection) throws SQLException {
    try (PreparedStatement select = connection.prepareStatement(PREPARED);
        ResultSet row = select.executeQuery()) {
      row.next();
    }
  }
}
