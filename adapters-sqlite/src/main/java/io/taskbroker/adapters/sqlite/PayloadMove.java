package io.taskbroker.adapters.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/**
 * Puts all payloads that can be read into a new table, where new rows meet no damage. The former
 * one stays in the file under another name, as nothing can remove it.
 */
final class PayloadMove {
  private final Connection connection;

  PayloadMove(Connection connection) {
    this.connection = connection;
  }

  /**
   * The keys of the payloads that can be read; outside of a transaction, which damage would end.
   */
  List<Long> keys() throws SQLException {
    List<Long> keys = new ArrayList<>();
    new TolerantScan(connection, "key, bytes", "payload", (_, _, _) -> {})
        .run(row -> keys.add(row.getLong(1)));
    return keys;
  }

  /** Moves these payloads, within the caller's transaction. */
  void run(List<Long> keys) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("DROP VIEW " + Schema.VIEW);
      statement.execute(Schema.PAYLOAD.replace("TABLE payload", "TABLE payload_sound"));
      try (PreparedStatement copy =
          connection.prepareStatement(
              "INSERT INTO payload_sound SELECT key, bytes FROM payload WHERE key = ?")) {
        for (long key : keys) {
          copy.setLong(1, key);
          copy.executeUpdate();
        }
      }
      statement.execute(
          "ALTER TABLE payload RENAME TO payload_damaged_" + (damagedTables(statement) + 1));
      statement.execute("ALTER TABLE payload_sound RENAME TO payload");
      statement.execute(Schema.UNFINISHED);
    }
  }

  private static int damagedTables(Statement statement) throws SQLException {
    String sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'payload_damaged_%'";
    try (ResultSet row = statement.executeQuery(sql)) {
      return row.next() ? row.getInt(1) : 0;
    }
  }
}
