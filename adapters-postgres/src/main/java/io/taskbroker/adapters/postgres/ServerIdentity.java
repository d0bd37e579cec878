package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Which server a connection leads to. A stand-by is a copy of its primary and has that one's
 * number; when it is promoted it begins a timeline of its own, with the next higher number.
 *
 * @param system the number that a server shares with its copies
 * @param startedAt to the microsecond, by which two names of one server are known
 */
record ServerIdentity(String system, String startedAt, long timeline, boolean takesWrites) {
  private static final String READ =
      """
      SELECT (SELECT system_identifier::text FROM pg_control_system()),
             pg_postmaster_start_time()::text,
             CASE WHEN pg_is_in_recovery() THEN '0'
                  ELSE substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) END,
             current_setting('transaction_read_only') = 'off'\
      """;

  /** Of this connection, unless its server keeps that to itself, as a hosted one may. */
  static Optional<ServerIdentity> read(Connection connection) throws SQLException {
    try (PreparedStatement select = PlannedAnew.prepare(connection, READ);
        ResultSet row = select.executeQuery()) {
      row.next();
      return Optional.of(
          new ServerIdentity(
              row.getString(1),
              row.getString(2),
              Long.parseLong(row.getString(3), 16),
              row.getBoolean(4)));
    } catch (SQLException e) {
      if (SqlStates.isOutOfReach(e)) {
        throw e;
      }
      return Optional.empty();
    }
  }

  boolean isSameServerAs(ServerIdentity other) {
    return system.equals(other.system) && startedAt.equals(other.startedAt);
  }
}
