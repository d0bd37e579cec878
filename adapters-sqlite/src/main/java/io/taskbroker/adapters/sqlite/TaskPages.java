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

  private final Connection connection;

  TaskPages(Connection connection) {
    this.connection = connection;
  }

  TaskPage page(TaskFilter filter, long after, int limit) throws SQLException {
    try (PreparedStatement end = connection.prepareStatement(END)) {
      end.setLong(1, after);
      end.setInt(2, TaskPage.MOST_LOOKED_AT);
      try (ResultSet piece = end.executeQuery()) {
        long last = piece.next() ? piece.getLong(1) : 0;
        if (last == 0) {
          return new TaskPage(List.of(), after, true);
        }
        boolean isLast = piece.getInt(2) < TaskPage.MOST_LOOKED_AT;
        return page(filter, after, last, isLast, limit);
      }
    }
  }

  private TaskPage page(TaskFilter filter, long after, long end, boolean isLast, int limit)
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
    return tasks.size() < limit
        ? new TaskPage(tasks, end, isLast)
        : new TaskPage(tasks, tasks.getLast().key(), false);
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
