package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.JournalException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** Deposes brokers that are silent, and refuses what this one does once it is deposed itself. */
final class Deposition {
  private final Membership membership;
  private final PooledWork pool;

  Deposition(Membership membership, PooledWork pool) {
    this.membership = membership;
    this.pool = pool;
  }

  /** As {@link io.taskbroker.inflight.Custody#depose}. */
  boolean depose(long broker) {
    try {
      return pool.change("depose a broker", connection -> depose(connection, broker));
    } catch (JournalException.NothingChanged e) {
      if (!(e.getCause() instanceof SQLException sql)
          || !SqlStates.of(sql).equals(SqlStates.LOCK_NOT_AVAILABLE)) {
        throw e;
      }
    }
    // It is frozen within a group. That will never be committed.
    boolean _ = pool.read("end a frozen group", connection -> terminate(connection, broker));
    return pool.change("depose a broker", connection -> depose(connection, broker));
  }

  private boolean depose(Connection connection, long broker) throws SQLException {
    long me = membership.number();
    try (Statement statement = connection.createStatement()) {
      statement.execute("SET LOCAL lock_timeout = '1s'");
    }
    fence(connection);
    try (PreparedStatement fence =
        connection.prepareStatement(
            """
            UPDATE taskbroker_broker b
               SET fenced = true, fenced_at = clock_timestamp(), fenced_by = ?
             WHERE b.no = ? AND NOT b.fenced
               AND NOT EXISTS (
                   SELECT 1 FROM taskbroker_heartbeat h
                    WHERE h.broker = b.no
                      AND h.beat_at > clock_timestamp() - interval '%d seconds')\
            """
                .formatted(Silence.SECONDS))) {
      fence.setString(1, "%d (%s)".formatted(me, StorableText.encode(membership.name())));
      fence.setLong(2, broker);
      if (fence.executeUpdate() == 0) {
        return false;
      }
    }
    try (Statement statement = connection.createStatement()) {
      statement.execute(
          "UPDATE taskbroker_custody SET broker = NULL, free_since = clock_timestamp() WHERE broker"
              + " = "
              + broker);
      statement.execute(
          "UPDATE taskbroker_custody SET wanted_by = NULL WHERE wanted_by = " + broker);
      statement.execute("DELETE FROM taskbroker_heartbeat WHERE broker = " + broker);
      statement.execute(
          "DELETE FROM taskbroker_broker WHERE fenced AND fenced_at < now() - interval '1 day'");
    }
    return true;
  }

  /** Ends the session that holds the broker's row. */
  private static boolean terminate(Connection connection, long broker) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(
          """
          SELECT pg_terminate_backend(l.pid)
            FROM taskbroker_broker b
            JOIN pg_locks l
              ON l.locktype = 'transactionid' AND l.granted AND l.transactionid = b.xmax
           WHERE b.no = %d\
          """
              .formatted(broker));
    }
  }

  /** Lets the transaction commit only if this broker is not deposed meanwhile, and synced. */
  void fence(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT set_config('synchronous_commit', '%s', true) IS NOT NULL
                  FROM taskbroker_broker WHERE no = %d AND NOT fenced FOR SHARE\
                """
                    .formatted(membership.synced(), membership.number()))) {
      refuseIfFenced(row);
    }
  }

  /**
   * @param row of one column, whether this broker is not deposed
   * @throws JournalException.Deposed if it is deposed
   */
  void refuseIfFenced(ResultSet row) throws SQLException {
    if (!row.next() || !row.getBoolean(1)) {
      throw membership.deposed(row);
    }
  }
}
