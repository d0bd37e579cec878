package io.taskbroker.workload.process;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Looks into the file of a broker that runs in another process, through the view that it offers to
 * people and tools.
 */
public final class StoreWindow implements AutoCloseable {
  private final Connection connection;

  private StoreWindow(Connection connection) {
    this.connection = connection;
  }

  /**
   * @param file exists, and is not open in this process by anyone else
   */
  public static StoreWindow open(Path file) {
    try {
      Connection connection = DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro");
      return new StoreWindow(connection);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot open " + file, e);
    }
  }

  /** How many rows it shows. */
  public long count() {
    return countByStatus().values().stream().mapToLong(Long::longValue).sum();
  }

  public long count(String status) {
    return countByStatus().getOrDefault(status, 0L);
  }

  public Map<String, Long> countByStatus() {
    return query(
        "SELECT status, count(*) FROM inflight_taskactivations GROUP BY status",
        rows -> {
          Map<String, Long> counts = new HashMap<>();
          while (rows.next()) {
            counts.put(rows.getString(1), rows.getLong(2));
          }
          return counts;
        });
  }

  /** How many different ids it shows. */
  public long distinctIds() {
    return number("SELECT count(DISTINCT id) FROM inflight_taskactivations");
  }

  /** The latest end of a delay, in Unix seconds, among the rows that are released; 0 if none. */
  public long latestDelayOfReleased() {
    return number(
        "SELECT coalesce(max(delay_until), 0) FROM inflight_taskactivations"
            + " WHERE status <> 'Delay'");
  }

  /** Where a row's record stands in its topic. */
  public record Position(int partition, long offset) {}

  /** Those of all rows, one for each. */
  public List<Position> positions() {
    return query(
        "SELECT partition, offset FROM inflight_taskactivations",
        rows -> {
          List<Position> positions = new ArrayList<>();
          while (rows.next()) {
            positions.add(new Position(rows.getInt(1), rows.getLong(2)));
          }
          return positions;
        });
  }

  private long number(String sql) {
    return query(sql, rows -> rows.next() ? rows.getLong(1) : 0);
  }

  @FunctionalInterface
  private interface Reading<T> {
    T from(ResultSet rows) throws SQLException;
  }

  private <T> T query(String sql, Reading<T> reading) {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return reading.from(rows);
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read the view: " + sql, e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("cannot close the view", e);
    }
  }
}
