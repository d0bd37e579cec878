package io.taskbroker.adapters.sqlite;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a file of an earlier schema up to the present one.
 *
 * <p>A new version is one more entry at the end of {@link #STEPS}, the same change in {@link
 * Schema}, and the file {@code schema-N.sql} of the version before it among the tests. New columns
 * go to the end of their table, where {@code ALTER TABLE} puts them. There is no way down: an
 * earlier broker refuses the file, and {@code taskbroker export} is the way back.
 */
final class SchemaUpgrade {
  /** The statements that lead from version 1 to 2, from 2 to 3, and so on. */
  static final List<List<String>> STEPS =
      List.of(
          List.of(Schema.WRITTEN),
          List.of(
              "ALTER TABLE activation ADD COLUMN failure_cause INTEGER",
              "ALTER TABLE activation ADD COLUMN failed_at INTEGER",
              "ALTER TABLE activation ADD COLUMN last_error TEXT",
              "ALTER TABLE activation ADD COLUMN under_way INTEGER NOT NULL DEFAULT 0"),
          List.of("ALTER TABLE activation ADD COLUMN last_group INTEGER NOT NULL DEFAULT 0"),
          List.of(Schema.STANDING_ORDER),
          List.of("ALTER TABLE activation ADD COLUMN round INTEGER NOT NULL DEFAULT 0"),
          List.of(), // the view alone, which each upgrade makes anew
          List.of(
              "ALTER TABLE activation RENAME TO undivided",
              Schema.ACTIVATION,
              Schema.PROGRESS,
              """
              INSERT INTO activation
              SELECT key, id, application, namespace, taskname, topic, partition, offset,
                     received_at, added_at, expires_at, delay_until, processing_deadline_sec,
                     at_most_once, on_attempts_exceeded, payload_bytes, bucket, defect, last_group
                FROM undivided
               ORDER BY key""",
              """
              INSERT INTO progress
              SELECT key, status, due_at, claim_purpose, attempts, retry_max_attempts,
                     retry_delay_sec, parked, failure_cause, failed_at, last_error, under_way,
                     last_group, round
                FROM undivided
               WHERE status <> 1 OR attempts > 0 OR retry_max_attempts IS NOT NULL
                  OR retry_delay_sec IS NOT NULL OR parked IS NOT NULL
                  OR failure_cause IS NOT NULL OR under_way = 1 OR round > 0
               ORDER BY key""",
              "DROP TABLE undivided"));

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private SchemaUpgrade() {}

  /**
   * Does all steps that are missing in one transaction, synced, and copies the log into the
   * database. The caller holds the file's guard, and nobody has the file open.
   *
   * @throws SQLException if it could not be done; the file is as it was
   */
  static void run(Path file, Connections connections) throws SQLException {
    run(file, connections, STEPS);
  }

  static void run(Path file, Connections connections, List<List<String>> steps)
      throws SQLException {
    try (Connection connection = connections.openWriter();
        Statement statement = connection.createStatement()) {
      int from = version(statement);
      int to = 1 + steps.size();
      statement.execute("PRAGMA synchronous = FULL");
      connection.setAutoCommit(false);
      try {
        statement.execute("DROP VIEW IF EXISTS " + Schema.VIEW);
        for (List<String> step : steps.subList(from - 1, steps.size())) {
          for (String sql : step) {
            statement.execute(sql);
          }
        }
        statement.execute(Schema.UNFINISHED);
        statement.execute("PRAGMA user_version = " + to);
        connection.commit();
      } catch (SQLException e) {
        connection.rollback();
        throw e;
      }
      LOG.info("{} was brought up from schema version {} to {}", file, from, to);
    }
  }

  private static int version(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA user_version")) {
      row.next();
      return row.getInt(1);
    }
  }
}
