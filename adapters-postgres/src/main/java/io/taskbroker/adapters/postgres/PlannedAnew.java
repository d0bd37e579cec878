package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.postgresql.PGStatement;

/**
 * Statements that the server plans for each call. A plan that it keeps was made for the tables of
 * that time, and is kept until they are analyzed again: one that was made while they were nearly
 * empty reads all of them, also when they are full.
 */
final class PlannedAnew {
  private PlannedAnew() {}

  static PreparedStatement prepare(Connection connection, String sql) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    statement.unwrap(PGStatement.class).setPrepareThreshold(0);
    return statement;
  }
}
