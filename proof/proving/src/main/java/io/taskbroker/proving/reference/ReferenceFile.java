package io.taskbroker.proving.reference;

import io.taskbroker.proto.v1.TaskActivation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Makes a file as the reference broker leaves it when it is stopped. Not for several threads. */
public final class ReferenceFile implements AutoCloseable {
  /** The newest migration that is known. */
  public static final int NEWEST = ReferenceTables.MIGRATIONS.size();

  private final Connection connection;
  private final int migration;
  private long rows;

  private ReferenceFile(Connection connection, int migration) {
    this.connection = connection;
    this.migration = migration;
  }

  /**
   * @param migration the newest that the reference knew, from 1 to {@link #NEWEST}
   */
  public static ReferenceFile create(Path file, int migration) {
    try {
      var made = new ReferenceFile(DriverManager.getConnection("jdbc:sqlite:" + file), migration);
      made.execute("PRAGMA auto_vacuum = INCREMENTAL");
      made.execute("PRAGMA journal_mode = WAL");
      made.execute(ReferenceTables.BOOKKEEPING);
      for (int version = 1; version <= migration; version++) {
        made.migrateTo(version);
      }
      made.connection.setAutoCommit(false);
      return made;
    } catch (SQLException e) {
      throw new IllegalStateException("cannot create " + file, e);
    }
  }

  private void migrateTo(int version) throws SQLException {
    var step = ReferenceTables.MIGRATIONS.get(version - 1);
    for (String statement : step.statements()) {
      execute(statement);
    }
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum,"
                + " execution_time) VALUES (?, ?, TRUE, ?, 1000)")) {
      insert.setInt(1, version);
      insert.setString(2, step.description());
      insert.setBytes(3, HexFormat.of().parseHex(step.checksum()));
      insert.executeUpdate();
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Adds a row: of partition 0, each at the offset after the former's, from 0.
   *
   * @param more columns that go with the status
   */
  public void add(TaskActivation task, String status, Map<String, Long> more) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("id", task.getId());
    row.put("activation", task.toByteArray());
    row.put("partition", 0);
    row.put("offset", rows);
    row.put("added_at", Instant.now().getEpochSecond());
    row.put("processing_attempts", 0);
    row.put("processing_deadline_duration", task.getProcessingDeadlineDuration());
    row.put("status", status);
    row.put("at_most_once", task.getRetryState().getAtMostOnce() ? 1 : 0);
    row.put("namespace", task.getNamespace());
    if (migration >= 3) {
      row.put("on_attempts_exceeded", task.getRetryState().getOnAttemptsExceededValue());
      row.put("received_at", task.getReceivedAt().getSeconds());
      row.put("taskname", task.getTaskname());
    }
    if (migration >= 4) {
      row.put("application", task.getApplication());
    }
    row.putAll(more);
    insert(row);
    rows++;
  }

  private void insert(Map<String, Object> row) {
    String sql =
        "INSERT INTO inflight_taskactivations (%s) VALUES (%s)"
            .formatted(
                String.join(", ", row.keySet()),
                String.join(", ", Collections.nCopies(row.size(), "?")));
    try (PreparedStatement insert = connection.prepareStatement(sql)) {
      int at = 1;
      for (Object value : row.values()) {
        insert.setObject(at++, value);
      }
      insert.executeUpdate();
    } catch (SQLException e) {
      throw new IllegalStateException("cannot add a row to a file of the reference", e);
    }
  }

  /** How many there are. */
  public long rows() {
    return rows;
  }

  /** Commits all, and removes the log. */
  @Override
  public void close() {
    try {
      connection.commit();
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("cannot close a file of the reference", e);
    }
  }
}
