package io.taskbroker.adapters.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One statement for many rows at once, prepared on first use for each size: 1, 2, 4, 8, 16 and 32
 * rows. Any number of rows is so served by few calls, none of them near SQLite's limit of
 * variables.
 */
final class SizedStatement {
  /** More rows in one statement were not faster. */
  private static final int MOST_ROWS = 32;

  /** Sets the values that all rows share, and says where the next parameter is. */
  @FunctionalInterface
  interface SharedBinder {
    int bind(PreparedStatement statement, int at) throws SQLException;
  }

  /** Sets the values of one row, from the parameter {@code at} on, and says where the next is. */
  @FunctionalInterface
  interface RowBinder<R> {
    int bind(PreparedStatement statement, int at, R row) throws SQLException;
  }

  /** Takes one row of an answer. */
  @FunctionalInterface
  interface RowReader {
    void read(ResultSet row) throws SQLException;
  }

  static final SharedBinder NOTHING_SHARED = (_, at) -> at;

  static final RowBinder<Long> KEY =
      (statement, at, key) -> {
        statement.setLong(at, key);
        return at + 1;
      };

  private final Connection connection;
  private final IntFunction<String> sql;
  private final @Nullable PreparedStatement[] bySize =
      new @Nullable PreparedStatement[Integer.numberOfTrailingZeros(MOST_ROWS) + 1];

  /**
   * @param sql the statement for a number of rows
   */
  SizedStatement(Connection connection, IntFunction<String> sql) {
    this.connection = connection;
    this.sql = sql;
  }

  /** {@code one}, {@code rows} times, with commas in between. */
  static String repeated(String one, int rows) {
    return one + (", " + one).repeat(rows - 1);
  }

  <R> void update(List<R> rows, RowBinder<R> binder) throws SQLException {
    update(NOTHING_SHARED, rows, binder);
  }

  <R> void update(SharedBinder shared, List<R> rows, RowBinder<R> binder) throws SQLException {
    int size;
    for (int from = 0; from < rows.size(); from += size) {
      size = sizeOfNext(rows.size() - from);
      bound(shared, rows.subList(from, from + size), binder).executeUpdate();
    }
  }

  /** As {@link #update}, for large values: none of them is kept until the next use. */
  <R> void updateAndForget(List<R> rows, RowBinder<R> binder) throws SQLException {
    int size;
    for (int from = 0; from < rows.size(); from += size) {
      size = sizeOfNext(rows.size() - from);
      PreparedStatement statement = bound(NOTHING_SHARED, rows.subList(from, from + size), binder);
      statement.executeUpdate();
      statement.clearParameters();
    }
  }

  <R> void query(List<R> rows, RowBinder<R> binder, RowReader reader) throws SQLException {
    int size;
    for (int from = 0; from < rows.size(); from += size) {
      size = sizeOfNext(rows.size() - from);
      PreparedStatement statement = bound(NOTHING_SHARED, rows.subList(from, from + size), binder);
      try (ResultSet answer = statement.executeQuery()) {
        while (answer.next()) {
          reader.read(answer);
        }
      }
    }
  }

  private static int sizeOfNext(int left) {
    return Math.min(Integer.highestOneBit(left), MOST_ROWS);
  }

  private <R> PreparedStatement bound(SharedBinder shared, List<R> rows, RowBinder<R> binder)
      throws SQLException {
    PreparedStatement statement = prepared(rows.size());
    int at = shared.bind(statement, 1);
    for (R row : rows) {
      at = binder.bind(statement, at, row);
    }
    return statement;
  }

  private PreparedStatement prepared(int rows) throws SQLException {
    int index = Integer.numberOfTrailingZeros(rows);
    PreparedStatement statement = bySize[index];
    if (statement == null) {
      statement = connection.prepareStatement(sql.apply(rows));
      bySize[index] = statement;
    }
    return statement;
  }
}
