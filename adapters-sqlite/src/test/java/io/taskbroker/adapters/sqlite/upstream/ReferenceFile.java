package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.testkit.broker.PlainTask;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file as the reference broker makes it: one migration after the other, each with its row in the
 * bookkeeping.
 */
public final class ReferenceFile implements AutoCloseable {
  public static final int NEWEST = 6;

  /** When rows were added, Unix seconds. */
  public static final long ADDED_AT = 1_700_000_000L;

  private static final List<List<String>> SCRIPTS =
      List.of(
          List.of(
              """
              CREATE TABLE IF NOT EXISTS inflight_taskactivations (
                id TEXT NOT NULL PRIMARY KEY, activation BLOB NOT NULL,
                partition INTEGER NOT NULL, offset INTEGER NOT NULL, added_at INTEGER NOT NULL,
                processing_attempts INTEGER NOT NULL, expires_at INTEGER,
                processing_deadline_duration INTEGER NOT NULL, processing_deadline INTEGER,
                status TEXT NOT NULL, at_most_once INTEGER NOT NULL DEFAULT 0, namespace TEXT
              ) STRICT""",
              "CREATE INDEX idx_pending_activation ON inflight_taskactivations"
                  + " (status, added_at, namespace, id)"),
          List.of(add("delay_until INTEGER")),
          List.of(
              add("on_attempts_exceeded INTEGER NOT NULL DEFAULT 1"),
              add("received_at INTEGER NOT NULL DEFAULT 0"),
              add("taskname TEXT NOT NULL DEFAULT ''")),
          List.of(add("application TEXT NOT NULL DEFAULT ''")),
          List.of(add("bucket INTEGER NOT NULL DEFAULT 0")),
          List.of(add("claim_expires_at INTEGER")));

  private final Connection connection;

  private ReferenceFile(Connection connection) {
    this.connection = connection;
  }

  private static String add(String column) {
    return "ALTER TABLE inflight_taskactivations ADD COLUMN " + column;
  }

  /** Makes one, and leaves it open. */
  public static ReferenceFile create(Path file, int migration) throws SQLException {
    ReferenceFile made = new ReferenceFile(DriverManager.getConnection("jdbc:sqlite:" + file));
    made.sql("PRAGMA auto_vacuum = INCREMENTAL");
    made.sql("PRAGMA journal_mode = WAL");
    made.sql(
        """
        CREATE TABLE _sqlx_migrations (
          version BIGINT PRIMARY KEY, description TEXT NOT NULL,
          installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL,
          checksum BLOB NOT NULL, execution_time BIGINT NOT NULL)""");
    for (int version = 1; version <= migration; version++) {
      made.migrateTo(version);
    }
    return made;
  }

  void migrateTo(int version) throws SQLException {
    for (String script : SCRIPTS.get(version - 1)) {
      sql(script);
    }
    ReferenceLayout.Migration migration = ReferenceLayout.MIGRATIONS.get(version - 1);
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum,"
                + " execution_time) VALUES (?, ?, TRUE, ?, 1000)")) {
      insert.setInt(1, version);
      insert.setString(2, migration.description());
      insert.setBytes(3, HexFormat.of().parseHex(migration.checksum()));
      insert.executeUpdate();
    }
  }

  public void sql(String text) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(text);
    }
  }

  /** A row, all of whose columns can be set; those that the migration lacks must not be. */
  public Row row(String id, String status) {
    return new Row(id, status);
  }

  /** Rows in every state: {@code pending}, {@code delay} and so on, as far as the table can. */
  void oneOfEach(int migration) throws SQLException {
    row("pending", "Pending").insert();
    row("processing", "Processing").with("processing_deadline", ADDED_AT + 30).insert();
    row("retry", "Retry").insert();
    row("failure", "Failure").insert();
    row("complete", "Complete").insert();
    if (migration >= 2) {
      row("delay", "Delay").with("delay_until", ADDED_AT + 60).insert();
    }
    if (migration >= 6) {
      row("claimed", "Claimed").with("claim_expires_at", ADDED_AT + 10).insert();
    }
  }

  public final class Row {
    private final Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    private final String id;
    private Delivery delivery = Delivery.AT_LEAST_ONCE;

    private Row(String id, String status) {
      this.id = id;
      columns.put("id", id);
      columns.put("partition", 3);
      columns.put("offset", 7L);
      columns.put("added_at", ADDED_AT);
      columns.put("processing_attempts", 0);
      columns.put("processing_deadline_duration", 10);
      columns.put("status", status);
      columns.put("namespace", "orders");
    }

    Row with(String column, @Nullable Object value) {
      columns.put(column, value);
      return this;
    }

    Row at(int partition, long offset) {
      return with("partition", partition).with("offset", offset);
    }

    Row atMostOnce() {
      delivery = Delivery.AT_MOST_ONCE;
      return with("at_most_once", 1);
    }

    public void insert() throws SQLException {
      columns.putIfAbsent("activation", payload(id, delivery));
      String names = String.join(", ", columns.keySet());
      String values = columns.keySet().stream().map(_ -> "?").collect(Collectors.joining(", "));
      try (PreparedStatement insert =
          connection.prepareStatement(
              "INSERT INTO inflight_taskactivations (%s) VALUES (%s)".formatted(names, values))) {
        int at = 1;
        for (Object value : columns.values()) {
          insert.setObject(at++, value);
        }
        insert.executeUpdate();
      }
    }
  }

  public static byte[] payload(String id, Delivery delivery) {
    return new PlainTask(
            id,
            "shop",
            "orders",
            "send_receipt",
            ADDED_AT * 1_000 - 500,
            null,
            null,
            10,
            delivery,
            OnAttemptsExceeded.DEAD_LETTER,
            0,
            null,
            null,
            new byte[] {1, 2, 3})
        .encode();
  }

  /** Ends it as a broker that is stopped: the log is copied and removed. */
  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
