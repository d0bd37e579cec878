package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.SQLException;

/** Whether the reference's table was in the database at the last look. Safe for all threads. */
final class ReferencePresence {
  private volatile boolean isThere;

  void look(Connection connection) throws SQLException {
    isThere = ReferenceTable.isThere(connection);
  }

  boolean isThere() {
    return isThere;
  }
}
