package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Several statements that are sent together, as one request, and planned anew each time. Not to be
 * used where all must change together, unless a transaction is begun before: the driver may end an
 * implicit one between them.
 */
final class Request {
  /** Sets the parameters of a statement from a place on. */
  @FunctionalInterface
  interface Values {
    /** Returns the place behind them. */
    int bind(PreparedStatement statement, int at) throws SQLException;
  }

  /** Takes the rows that a statement gives. */
  @FunctionalInterface
  interface Rows {
    void read(ResultSet rows) throws SQLException;
  }

  private record Part(String sql, Values values, Rows rows) {}

  private static final Rows NO_ROWS = rows -> {};

  private final List<Part> parts = new ArrayList<>();

  /** Adds a statement that gives rows, or a number of rows that nobody asks for. */
  Request add(String sql, Values values, Rows rows) {
    parts.add(new Part(sql, values, rows));
    return this;
  }

  Request add(String sql, Values values) {
    return add(sql, values, NO_ROWS);
  }

  void run(Connection connection) throws SQLException {
    String sql = String.join(";\n", parts.stream().map(Part::sql).toList());
    try (PreparedStatement statement = PlannedAnew.prepare(connection, sql)) {
      int at = 1;
      for (Part part : parts) {
        at = part.values().bind(statement, at);
      }
      boolean hasRows = statement.execute();
      for (Part part : parts) {
        if (hasRows) {
          try (ResultSet rows = statement.getResultSet()) {
            part.rows().read(rows);
          }
        }
        hasRows = statement.getMoreResults();
      }
    }
  }
}
