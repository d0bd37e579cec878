package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.SizedStatement.RowReader;
import io.taskbroker.adapters.sqlite.SizedStatement.SharedBinder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A statement on rows of one table by their keys: neighbours as a range, which is about twice as
 * fast, the others by list. What is handed out together mostly arrived together.
 */
final class KeyedStatement {
  /** From how many neighbours on a statement of their own pays. */
  private static final int SHORTEST_RANGE = 8;

  private final Connection connection;
  private final String rangeSql;
  private final SizedStatement byList;
  private @Nullable PreparedStatement byRange;

  /**
   * @param sql the statement without its condition
   */
  KeyedStatement(Connection connection, String sql) {
    this(
        connection,
        sql + " WHERE key BETWEEN ? AND ?",
        rows -> sql + " WHERE key IN (%s)".formatted(SizedStatement.repeated("?", rows)));
  }

  /**
   * @param rangeSql the statement, whose last two parameters are the first and the last key
   * @param listSql the statement for a number of keys, which are its last parameters
   */
  KeyedStatement(Connection connection, String rangeSql, IntFunction<String> listSql) {
    this.connection = connection;
    this.rangeSql = rangeSql;
    this.byList = new SizedStatement(connection, listSql);
  }

  void update(Collection<Long> keys) throws SQLException {
    update(SizedStatement.NOTHING_SHARED, keys);
  }

  void update(SharedBinder shared, Collection<Long> keys) throws SQLException {
    List<Long> scattered =
        ranges(keys, (first, last) -> bound(shared, first, last).executeUpdate());
    byList.update(shared, scattered, SizedStatement.KEY);
  }

  void query(Collection<Long> keys, RowReader reader) throws SQLException {
    List<Long> scattered =
        ranges(
            keys,
            (first, last) -> {
              try (ResultSet rows =
                  bound(SizedStatement.NOTHING_SHARED, first, last).executeQuery()) {
                while (rows.next()) {
                  reader.read(rows);
                }
              }
            });
    byList.query(scattered, SizedStatement.KEY, reader);
  }

  /** Takes neighbours, the first and the last included. */
  @FunctionalInterface
  private interface Range {
    void take(long first, long last) throws SQLException;
  }

  /** Hands over what are neighbours, and returns the others. */
  private static List<Long> ranges(Collection<Long> keys, Range range) throws SQLException {
    if (keys.size() < SHORTEST_RANGE) {
      return List.copyOf(keys);
    }
    long[] sorted = sorted(keys);
    List<Long> scattered = new ArrayList<>();
    int end;
    for (int begin = 0; begin < sorted.length; begin = end) {
      end = endOfRange(sorted, begin);
      if (end - begin < SHORTEST_RANGE) {
        for (int i = begin; i < end; i++) {
          scattered.add(sorted[i]);
        }
      } else {
        range.take(sorted[begin], sorted[end - 1]);
      }
    }
    return scattered;
  }

  private static long[] sorted(Collection<Long> keys) {
    long[] sorted = new long[keys.size()];
    int next = 0;
    for (long key : keys) {
      sorted[next++] = key;
    }
    Arrays.sort(sorted);
    return sorted;
  }

  private static int endOfRange(long[] sorted, int begin) {
    int end = begin + 1;
    while (end < sorted.length && sorted[end] - sorted[end - 1] == 1) {
      end++;
    }
    return end;
  }

  private PreparedStatement bound(SharedBinder shared, long first, long last) throws SQLException {
    PreparedStatement statement = byRange;
    if (statement == null) {
      statement = connection.prepareStatement(rangeSql);
      byRange = statement;
    }
    int at = shared.bind(statement, 1);
    statement.setLong(at, first);
    statement.setLong(at + 1, last);
    return statement;
  }
}
