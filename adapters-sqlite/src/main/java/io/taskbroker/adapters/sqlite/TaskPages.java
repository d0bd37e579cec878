package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists of tasks, a bounded piece at a time. */
final class TaskPages {
  /** A piece of the table, whatever is in it: where it ends, and whether the table ends there. */
  private static final String END =
      """
      SELECT max(key), count(*)
        FROM (SELECT key FROM activation WHERE key > ? ORDER BY key LIMIT ?)""";

  private static final String TASKS =
      """
      SELECT %s FROM %s
       WHERE key > ?1 AND key <= ?2
         AND defect IS NULL
         AND (CASE WHEN ?3 IS NULL THEN %3$s <> 6 ELSE %3$s = ?3 END)
         AND (?4 IS NULL OR application = ?4)
         AND (?5 IS NULL OR namespace = ?5)
         AND (?6 IS NULL OR taskname = ?6)
         AND (?7 IS NULL OR instr(id, ?7) > 0)
       ORDER BY key
       LIMIT ?8"""
          .formatted(RowSource.PRESENT.columns(), RowSource.PRESENT.tables(), RowSource.STATUS);

  /** A piece of the rows that have progress: a row is parked only after it has. */
  private static final String PROGRESS_END =
      """
      SELECT max(key), count(*)
        FROM (SELECT key FROM progress WHERE key > ? ORDER BY key LIMIT ?)""";

  private static final String PARKED =
      """
      SELECT %s FROM %s
       WHERE key IN (SELECT key FROM progress
                      WHERE key > ?1 AND key <= ?2 AND parked IS NOT NULL
                      ORDER BY key LIMIT ?3)
       ORDER BY key"""
          .formatted(RowSource.PRESENT.columns(), RowSource.PRESENT.tables());

  private final Connection connection;

  /** Selects the rows of a piece. */
  @FunctionalInterface
  private interface Piece {
    /**
     * @param end key of the last row that it looks at
     */
    List<StoredTask> select(long end) throws SQLException;
  }

  TaskPages(Connection connection) {
    this.connection = connection;
  }

  TaskPage page(TaskFilter filter, long after, int limit) throws SQLException {
    return piece(END, after, limit, end -> tasks(filter, after, end, limit));
  }

  /** What Kafka has refused, bad records included. */
  TaskPage parked(long after, int limit) throws SQLException {
    return piece(PROGRESS_END, after, limit, end -> parked(after, end, limit));
  }

  private TaskPage piece(String endOf, long after, int limit, Piece rows) throws SQLException {
    try (PreparedStatement end = connection.prepareStatement(endOf)) {
      end.setLong(1, after);
      end.setInt(2, TaskPage.MOST_LOOKED_AT);
      try (ResultSet piece = end.executeQuery()) {
        long last = piece.next() ? piece.getLong(1) : 0;
        if (last == 0) {
          return new TaskPage(List.of(), after, true);
        }
        boolean isLast = piece.getInt(2) < TaskPage.MOST_LOOKED_AT;
        List<StoredTask> found = rows.select(last);
        return found.size() < limit
            ? new TaskPage(found, last, isLast)
            : new TaskPage(found, found.getLast().key(), false);
      }
    }
  }

  private List<StoredTask> parked(long after, long end, int limit) throws SQLException {
    List<StoredTask> parked = new ArrayList<>();
    ActivationRows rows = new ActivationRows();
    try (PreparedStatement select = connection.prepareStatement(PARKED)) {
      select.setLong(1, after);
      select.setLong(2, end);
      select.setInt(3, limit);
      try (ResultSet columns = select.executeQuery()) {
        while (columns.next()) {
          add(parked, rows, columns);
        }
      }
    }
    return parked;
  }

  private List<StoredTask> tasks(TaskFilter filter, long after, long end, int limit)
      throws SQLException {
    List<StoredTask> tasks = new ArrayList<>();
    ActivationRows rows = new ActivationRows();
    try (PreparedStatement select = connection.prepareStatement(TASKS)) {
      select.setLong(1, after);
      select.setLong(2, end);
      NullableColumns.setInt(select, 3, statusOf(filter));
      select.setString(4, filter.application());
      select.setString(5, filter.namespace());
      select.setString(6, filter.taskname());
      select.setString(7, filter.idPart());
      select.setInt(8, limit);
      try (ResultSet columns = select.executeQuery()) {
        while (columns.next()) {
          add(tasks, rows, columns);
        }
      }
    }
    return tasks;
  }

  private static @Nullable Integer statusOf(TaskFilter filter) {
    return filter.status() == null ? null : (Integer) ActivationRows.numberOf(filter.status());
  }

  /** A row that this version cannot read is told of at the start. */
  private static void add(List<StoredTask> tasks, ActivationRows rows, ResultSet columns)
      throws SQLException {
    try {
      tasks.add(rows.read(columns).task());
    } catch (IllegalArgumentException _) {
      // left out, as it is everywhere
    }
  }
}
