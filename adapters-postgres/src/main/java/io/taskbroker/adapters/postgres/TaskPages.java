package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.inflight.StoredState;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lists of this broker's tasks, a bounded piece at a time. */
final class TaskPages {
  /** A piece of this broker's rows: where it ends, and how many they are. */
  private static final String END =
      """
      SELECT max(key), count(*)
        FROM (SELECT key FROM taskbroker_task
               WHERE custody = ANY (?) AND key > ? ORDER BY key LIMIT ?) AS piece\
      """;

  private static final String TASKS =
      """
      SELECT %s FROM %s
       WHERE t.custody = ANY (?) AND t.key > ? AND t.key <= ?
         AND t.defect IS NULL
         AND (CASE WHEN ?::int2 IS NULL THEN t.status <> 6 ELSE t.status = ?::int2 END)
         AND (?::text IS NULL OR t.application = ?::text)
         AND (?::text IS NULL OR t.namespace = ?::text)
         AND (?::text IS NULL OR t.taskname = ?::text)
         AND (?::text IS NULL OR strpos(t.id, ?::text) > 0)
         AND (?::int8 IS NULL OR t.received_at < ?::int8)
       ORDER BY t.key
       LIMIT ?\
      """
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  private static final String PARKED =
      """
      SELECT %s FROM %s
       WHERE t.custody = ANY (?) AND t.key > ? AND t.key <= ? AND t.parked IS NOT NULL
       ORDER BY t.key
       LIMIT ?\
      """
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  private final Connection connection;
  private final Integer[] custodies;
  private final ServerClock clock;

  TaskPages(Connection connection, Integer[] custodies, ServerClock clock) {
    this.connection = connection;
    this.custodies = custodies;
    this.clock = clock;
  }

  /** Reads the matches of a piece that ends with {@code end}. */
  @FunctionalInterface
  private interface Matches {
    PreparedStatement select(long after, long end, int limit) throws SQLException;
  }

  TaskPage page(TaskFilter filter, long after, int limit) throws SQLException {
    return piece((begin, end, most) -> tasks(filter, begin, end, most), after, limit);
  }

  /** What Kafka has refused, bad records included. */
  TaskPage parked(long after, int limit) throws SQLException {
    return piece(this::parked, after, limit);
  }

  private TaskPage piece(Matches matches, long after, int limit) throws SQLException {
    long end;
    boolean isLast;
    try (PreparedStatement piece = connection.prepareStatement(END)) {
      piece.setArray(1, connection.createArrayOf("int4", custodies));
      piece.setLong(2, after);
      piece.setInt(3, TaskPage.MOST_LOOKED_AT);
      try (ResultSet row = piece.executeQuery()) {
        row.next();
        end = Math.max(after, row.getLong(1));
        isLast = row.getInt(2) < TaskPage.MOST_LOOKED_AT;
      }
    }
    List<StoredTask> tasks = new ArrayList<>();
    TaskReading reading = new TaskReading(clock);
    try (PreparedStatement select = matches.select(after, end, limit)) {
      reading.read(select, row -> tasks.add(task(row)));
    }
    return reading.rows() == limit
        ? new TaskPage(tasks, reading.lastKey(), false)
        : new TaskPage(tasks, end, isLast);
  }

  private static StoredTask task(StoredActivation row) {
    return row.task();
  }

  private PreparedStatement tasks(TaskFilter filter, long after, long end, int limit)
      throws SQLException {
    PreparedStatement select = connection.prepareStatement(TASKS);
    int at = range(select, after, end);
    Integer status =
        filter.status() == null ? null : (Integer) StoredState.numberOf(filter.status());
    for (int i = 0; i < 2; i++) {
      if (status == null) {
        select.setNull(at++, Types.SMALLINT);
      } else {
        select.setInt(at++, status);
      }
    }
    at = twice(select, at, filter.application());
    at = twice(select, at, filter.namespace());
    at = twice(select, at, filter.taskname());
    at = twice(select, at, filter.idPart());
    @Nullable Long before = filter.receivedBeforeMs();
    for (int i = 0; i < 2; i++) {
      if (before == null) {
        select.setNull(at++, Types.BIGINT);
      } else {
        select.setLong(at++, before);
      }
    }
    select.setInt(at, limit);
    return select;
  }

  private PreparedStatement parked(long after, long end, int limit) throws SQLException {
    PreparedStatement select = connection.prepareStatement(PARKED);
    int at = range(select, after, end);
    select.setInt(at, limit);
    return select;
  }

  private int range(PreparedStatement select, long after, long end) throws SQLException {
    select.setArray(1, connection.createArrayOf("int4", custodies));
    select.setLong(2, after);
    select.setLong(3, end);
    return 4;
  }

  private static int twice(PreparedStatement select, int at, @Nullable String text)
      throws SQLException {
    String stored = StorableText.encode(text);
    select.setString(at, stored);
    select.setString(at + 1, stored);
    return at + 2;
  }
}
