package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Whether the tables are those of this version, on a server that takes writes. */
final class SchemaCheck {
  private static final String REMEDY =
      "Run the broker once with --run migrations, or set store.pg.run_migrations";

  private SchemaCheck() {}

  /**
   * What the connection has come to, with tables that fit.
   *
   * @throws UnusableDatabaseException if they are missing, older or newer, or the server does not
   *     serve brokers
   */
  static ServerSight run(Connection connection, PostgresPlace place) throws SQLException {
    ServerSight sight = ServerSight.read(connection);
    sight.refuseUnfit(place);
    int version;
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT version FROM taskbroker_meta")) {
      version = row.next() ? row.getInt(1) : 0;
    } catch (SQLException e) {
      if (SqlStates.of(e).equals(SqlStates.UNDEFINED_TABLE)) {
        String hidden = sight.hiddenTables(place);
        if (hidden != null) {
          throw new UnusableDatabaseException(hidden, e);
        }
        throw new UnusableDatabaseException(
            "%s has no tables of this broker. %s".formatted(place, REMEDY), e);
      }
      throw e;
    }
    if (version > Schema.VERSION) {
      throw newer(place, version);
    }
    if (version < Schema.VERSION) {
      throw new UnusableDatabaseException(
          "The tables of %s are of version %d, and this broker needs version %d. %s"
              .formatted(place, version, Schema.VERSION, REMEDY));
    }
    return sight;
  }

  static UnusableDatabaseException newer(PostgresPlace place, int version) {
    return new UnusableDatabaseException(
        "The tables of %s are of version %d, and this broker knows version %d. Start a newer broker"
            .formatted(place, version, Schema.VERSION));
  }
}
