package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.SizedStatement.RowReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table by ascending keys and goes on behind pages that cannot be read.
 *
 * <p>A page holds a range of keys, and every search in that range fails. So from the last readable
 * key on the next keys are tried one after the other, and after many of them in growing steps,
 * until a search succeeds.
 */
final class TolerantScan {
  /** Some thousand pages' worth of rows. Searching for one key takes some microseconds. */
  private static final long TRIED_ONE_BY_ONE = 100_000;

  /** After so many more tries the step is doubled, so that any gap ends within a second or two. */
  private static final long TRIED_WITH_ONE_STEP = 1_000;

  /** No row has a smaller key. */
  private static final long FIRST_KEY = 1;

  /** Is told of a range of keys that cannot be read; both ends are included. */
  @FunctionalInterface
  interface GapListener {
    void gap(long first, long last, SQLException reason) throws SQLException;
  }

  private final Connection connection;
  private final String columns;
  private final String table;
  private final GapListener gaps;

  /**
   * @param columns the first is {@code key}
   * @param table or tables, of which the first has the rows
   */
  TolerantScan(Connection connection, String columns, String table, GapListener gaps) {
    this.connection = connection;
    this.columns = columns;
    this.table = table;
    this.gaps = gaps;
  }

  /**
   * Hands over each row that can be read.
   *
   * @throws SQLException if reading fails for another cause than damage
   */
  void run(RowReader reader) throws SQLException {
    Long from = Long.MIN_VALUE;
    while (from != null) {
      from = readFrom(from, reader);
    }
  }

  /** Returns where to go on after a gap; null if the end was reached. */
  private @Nullable Long readFrom(long from, RowReader reader) throws SQLException {
    long next = from;
    String sql = "SELECT %s FROM %s WHERE key >= ? ORDER BY key".formatted(columns, table);
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setLong(1, from);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          long key = rows.getLong(1);
          reader.read(rows);
          if (key == Long.MAX_VALUE) {
            return null;
          }
          next = key + 1;
        }
      }
      return null;
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      return behindGap(Math.max(next, FIRST_KEY), e);
    }
  }

  private @Nullable Long behindGap(long first, SQLException reason) throws SQLException {
    long unreadable = first;
    long step = 1;
    for (long tried = 0; ; tried++) {
      if (tried > TRIED_ONE_BY_ONE && tried % TRIED_WITH_ONE_STEP == 0) {
        step = Math.min(step * 2, Long.MAX_VALUE / 2);
      }
      if (unreadable > Long.MAX_VALUE - step) {
        gaps.gap(first, Long.MAX_VALUE, reason);
        return null;
      }
      Search found = search(unreadable + step);
      if (found.readable()) {
        long readable = step == 1 ? unreadable + 1 : bisect(unreadable, unreadable + step);
        Long key = search(readable).key();
        gaps.gap(first, key == null ? Long.MAX_VALUE : key - 1, reason);
        return key;
      }
      unreadable += step;
    }
  }

  /** The first key from which a search succeeds, between one that fails and one that succeeds. */
  private long bisect(long failing, long succeeding) throws SQLException {
    long low = failing;
    long high = succeeding;
    while (high - low > 1) {
      long middle = low + (high - low) / 2;
      if (search(middle).readable()) {
        high = middle;
      } else {
        low = middle;
      }
    }
    return high;
  }

  /**
   * @param key the first one found; null if there is none, or it cannot be read
   */
  private record Search(boolean readable, @Nullable Long key) {}

  private Search search(long from) throws SQLException {
    String sql = "SELECT %s FROM %s WHERE key >= ? ORDER BY key LIMIT 1".formatted(columns, table);
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      select.setLong(1, from);
      try (ResultSet row = select.executeQuery()) {
        return new Search(true, row.next() ? row.getLong(1) : null);
      }
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      return new Search(false, null);
    }
  }
}
