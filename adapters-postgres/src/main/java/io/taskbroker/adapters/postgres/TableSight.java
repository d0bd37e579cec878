package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the server's statistics say of the tables, as far as the user at work may see it.
 *
 * @param deadRows that are over and not removed yet
 * @param liveRows all others
 * @param oldest the transaction that has kept dead rows for longest; null if none can be seen
 */
record TableSight(long deadRows, long liveRows, @Nullable Holder oldest) {
  private static final String ROWS =
      """
      SELECT coalesce(sum(n_dead_tup), 0)::int8, coalesce(sum(n_live_tup), 0)::int8
        FROM pg_stat_user_tables
       WHERE relname IN ('taskbroker_task', 'taskbroker_payload')\
      """;

  /** Of the sessions of others the server shows these columns only to whom it may. */
  private static final String OLDEST =
      """
      SELECT what, remedy, (extract(epoch FROM clock_timestamp() - since) * 1000)::int8
        FROM (
          SELECT 'Session ' || pid || ' of user ' || usename || ' (' || application_name || ', '
                 || state || ')' AS what,
                 'SELECT pg_terminate_backend(' || pid || ')' AS remedy,
                 xact_start AS since
            FROM pg_stat_activity
           WHERE datname = current_database() AND pid <> pg_backend_pid()
             AND backend_type = 'client backend'
             AND (backend_xmin IS NOT NULL OR backend_xid IS NOT NULL)
          UNION ALL
          SELECT 'The prepared transaction ' || gid || ' of user ' || owner,
                 'ROLLBACK PREPARED ' || quote_literal(gid), prepared
            FROM pg_prepared_xacts
           WHERE database = current_database()) AS holders
       WHERE since IS NOT NULL
       ORDER BY since
       LIMIT 1\
      """;

  /**
   * A transaction that still sees what is over.
   *
   * @param what for people
   * @param remedy the statement that ends it
   */
  record Holder(String what, String remedy, Duration age) {}

  static TableSight read(Connection connection) throws SQLException {
    long[] rows = new long[2];
    @Nullable Holder[] oldest = new @Nullable Holder[1];
    new Request()
        .add(ROWS, (_, at) -> at, row -> readRows(row, rows))
        .add(OLDEST, (_, at) -> at, row -> oldest[0] = readHolder(row))
        .run(connection);
    return new TableSight(rows[0], rows[1], oldest[0]);
  }

  private static void readRows(ResultSet row, long[] rows) throws SQLException {
    if (row.next()) {
      rows[0] = row.getLong(1);
      rows[1] = row.getLong(2);
    }
  }

  private static @Nullable Holder readHolder(ResultSet row) throws SQLException {
    return row.next()
        ? new Holder(
            String.valueOf(row.getString(1)),
            String.valueOf(row.getString(2)),
            Duration.ofMillis(Math.max(0, row.getLong(3))))
        : null;
  }

  /** How long the oldest transaction has lasted; zero if none can be seen. */
  Duration oldestAge() {
    return oldest == null ? Duration.ZERO : oldest.age();
  }
}
