package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.TimeSource;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Asks the server for its time. */
final class ClockMeasuring {
  /** Unix milliseconds by the server's clock, when the expression is looked at. */
  static final String NOW_MS = "(extract(epoch FROM clock_timestamp()) * 1000)::int8";

  private ClockMeasuring() {}

  static void measure(Connection connection, ServerClock clock, TimeSource time)
      throws SQLException {
    try (Statement statement = connection.createStatement()) {
      long before = time.now().wallMs();
      try (ResultSet row = statement.executeQuery("SELECT " + NOW_MS)) {
        long after = time.now().wallMs();
        row.next();
        clock.measured(row.getLong(1), before, after);
      }
    }
  }
}
