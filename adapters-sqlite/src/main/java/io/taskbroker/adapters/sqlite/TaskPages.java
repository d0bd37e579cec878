package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.StoredState;
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
         AND (?8 IS NULL OR received_at < ?8)
       ORDER BY key
       LIMIT ?9"""
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

  /** Rows that are looked at first: often there is enough among them. */
  private static final int FIRST_LOOK = 500;

  /** Each look is at so many times as many rows as the one before. */
  private static final int GROWTH = 6;

  private final Connection connection;

  TaskPages(Connection connection) {
    this.connection = connection;
  }

  TaskPage page(TaskFilter filter, long after, int limit) throws SQLException {
    List<StoredTask> tasks = new ArrayList<>();
    long at = after;
    int left = TaskPage.MOST_LOOKED_AT;
    for (int size = FIRST_LOOK; left > 0; size = Math.min(size * GROWTH, left)) {
      Piece piece = pieceAfter(END, at, size);
      if (piece.rows() > 0) {
        at = read(filter, at, piece.last(), limit - tasks.size(), tasks);
      }
      if (tasks.size() == limit || (piece.rows() > 0 && at < piece.last())) {
        return new TaskPage(tasks, at, false);
      }
      if (piece.rows() < size) {
        return new TaskPage(tasks, at, true);
      }
      left -= size;
    }
    return new TaskPage(tasks, at, false);
  }

  /** What Kafka has refused, bad records included. */
  TaskPage parked(long after, int limit) throws SQLException {
    Piece piece = pieceAfter(PROGRESS_END, after, TaskPage.MOST_LOOKED_AT);
    List<StoredTask> found = parked(after, piece.last(), limit);
    if (found.size() == limit) {
      return new TaskPage(found, found.getLast().key(), false);
    }
    boolean isLast = piece.rows() < TaskPage.MOST_LOOKED_AT;
    return new TaskPage(found, Math.max(after, piece.last()), isLast);
  }

  /**
   * Rows that follow each other.
   *
   * @param last key of the last one; 0 if there is none
   */
  private record Piece(long last, int rows) {}

  private Piece pieceAfter(String endOf, long key, int most) throws SQLException {
    try (PreparedStatement end = connection.prepareStatement(endOf)) {
      end.setLong(1, key);
      end.setInt(2, most);
      try (ResultSet piece = end.executeQuery()) {
        return piece.next() ? new Piece(piece.getLong(1), piece.getInt(2)) : new Piece(0, 0);
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

  /**
   * Adds what matches.
   *
   * @param end where it stops, unless there are {@code limit} matches before
   * @return the key up to which all was looked at
   */
  private long read(TaskFilter filter, long after, long end, int limit, List<StoredTask> tasks)
      throws SQLException {
    ActivationRows rows = new ActivationRows();
    long last = after;
    int found = 0;
    try (PreparedStatement select = connection.prepareStatement(TASKS)) {
      select.setLong(1, after);
      select.setLong(2, end);
      NullableColumns.setInt(select, 3, statusOf(filter));
      select.setString(4, filter.application());
      select.setString(5, filter.namespace());
      select.setString(6, filter.taskname());
      select.setString(7, filter.idPart());
      NullableColumns.setLong(select, 8, filter.receivedBeforeMs());
      select.setInt(9, limit);
      try (ResultSet columns = select.executeQuery()) {
        while (columns.next()) {
          last = columns.getLong("key");
          found++;
          add(tasks, rows, columns);
        }
      }
    }
    return found == limit ? last : end;
  }

  private static @Nullable Integer statusOf(TaskFilter filter) {
    return filter.status() == null ? null : (Integer) StoredState.numberOf(filter.status());
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
