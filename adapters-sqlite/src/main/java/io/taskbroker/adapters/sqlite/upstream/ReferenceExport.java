package io.taskbroker.adapters.sqlite.upstream;

import io.taskbroker.adapters.sqlite.DamageReport;
import io.taskbroker.adapters.sqlite.FileMode;
import io.taskbroker.adapters.sqlite.LogSync;
import io.taskbroker.adapters.sqlite.NewFile;
import io.taskbroker.adapters.sqlite.NullableColumns;
import io.taskbroker.adapters.sqlite.Readers;
import io.taskbroker.adapters.sqlite.RowSource;
import io.taskbroker.adapters.sqlite.StoppedStore;
import io.taskbroker.adapters.sqlite.UnusableFileException;
import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.RetryOverride;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteOpenMode;

/**
 * Writes what is left in the store of a stopped broker into a file of the reference broker, as of
 * its latest migration. The store is not changed.
 *
 * <p>The reference knows neither of two things that keep an at-most-once task from running twice.
 * So one that was claimed for a push is exported as {@code Processing}, which the reference ends
 * with a failure, where it would hand out a claimed one again; and one whose offset Kafka had not
 * acknowledged, which another broker may get too, as {@code Failure}.
 */
public final class ReferenceExport {
  /** Whole seconds, rounded down also before 1970, where SQLite's division rounds up. */
  private static final String SECONDS = "(%1$s / 1000 - (%1$s %% 1000 < 0))";

  private static final String UNCOVERED =
      """
      (a.under_way = 1
       OR (a.at_most_once = 1 AND a.partition >= 0 AND a.status IN (0, 1)
           AND NOT EXISTS (SELECT 1 FROM store.position k
                            WHERE k.topic = a.topic AND k.partition = a.partition
                              AND k.acknowledged > a.offset)))
      """;

  private static final String COPY =
      """
      INSERT INTO inflight_taskactivations
      SELECT a.id,
             coalesce(p.bytes, x''),
             a.partition,
             a.offset,
             SEC(a.added_at),
             a.attempts,
             SEC(a.expires_at),
             a.processing_deadline_sec,
             CASE WHEN a.status = 3 OR (a.status = 2 AND a.claim_purpose = 0 AND a.at_most_once = 1)
                  THEN SEC(a.due_at) END,
             CASE WHEN UNCOVERED THEN 'Failure'
                  WHEN a.status = 0 THEN 'Delay'
                  WHEN a.status = 1 THEN 'Pending'
                  WHEN a.status = 2 AND a.claim_purpose = 1 THEN 'Pending'
                  WHEN a.status = 2 AND a.at_most_once = 1 THEN 'Processing'
                  WHEN a.status = 2 THEN 'Claimed'
                  WHEN a.status = 3 THEN 'Processing'
                  WHEN a.status = 4 THEN 'Retry'
                  WHEN a.status = 5 THEN 'Failure' END,
             a.at_most_once,
             a.namespace,
             SEC(a.delay_until),
             a.on_attempts_exceeded,
             SEC(a.received_at),
             a.taskname,
             a.application,
             a.bucket,
             CASE WHEN a.status = 2 AND a.claim_purpose = 0 AND a.at_most_once = 0
                  THEN SEC(a.due_at) END
        FROM ROWS a
        LEFT JOIN store.payload p ON p.key = a.key
       WHERE a.status <> 6
         AND a.defect IS NULL
       ORDER BY a.key
      """
          .replaceAll("SEC\\(([a-z_.]+)\\)", SECONDS.replace("%1$s", "$1").replace("%%", "%"))
          .replace("UNCOVERED", UNCOVERED.strip());

  private static final String OVERRIDDEN =
      """
      SELECT a.id, p.bytes, a.retry_max_attempts, a.retry_delay_sec
        FROM ROWS a
        JOIN store.payload p ON p.key = a.key
       WHERE (a.retry_max_attempts IS NOT NULL OR a.retry_delay_sec IS NOT NULL)
         AND a.status <> 6
         AND a.defect IS NULL
      """;

  private static final String COUNTS =
      """
      SELECT count(*) FILTER (WHERE a.status <> 6 AND defect IS NULL),
             count(*) FILTER (WHERE a.status <> 6 AND defect IS NOT NULL),
             count(*) FILTER (WHERE a.status <> 6 AND defect IS NULL AND parked IS NOT NULL),
             count(*) FILTER (WHERE UNCOVERED)
        FROM ROWS a
      """
          .replace("UNCOVERED", UNCOVERED.strip());

  private final ActivationEncoder encoder;

  /**
   * What became of the store's rows.
   *
   * @param exported rows of the new file
   * @param badRecords left out, as they are no tasks
   * @param parked among the exported ones, refused by Kafka before
   * @param uncertain at-most-once tasks among the exported ones that were turned into failures
   */
  public record Outcome(Path out, long exported, long badRecords, long parked, long uncertain) {}

  /**
   * @param encoder writes what workers have said of a task's retries into its payload
   */
  public ReferenceExport(ActivationEncoder encoder) {
    this.encoder = encoder;
  }

  /**
   * Writes a new file, whole or not at all.
   *
   * @throws UnusableFileException if a broker holds the store, the store is not sound, or the new
   *     file is there already or cannot be written
   */
  public Outcome write(Path store, Path out) {
    try (StoppedStore stopped = StoppedStore.open(store);
        NewFile target = NewFile.begin(out)) {
      Outcome outcome = build(stopped.file(), target);
      target.finish();
      return outcome;
    } catch (SQLException | IOException e) {
      throw new UnusableFileException(
          "%s cannot be exported to %s: %s. The store is unchanged. %s."
              .formatted(
                  store,
                  out,
                  e.getMessage(),
                  DamageReport.remedy(e, store, "See that the disk is not full")),
          e);
    }
  }

  private Outcome build(Path store, NewFile target) throws SQLException, IOException {
    FileMode.of(store).create(target.draft());
    SQLiteConfig config = new SQLiteConfig();
    config.setOpenMode(SQLiteOpenMode.OPEN_URI);
    config.setSynchronous(SQLiteConfig.SynchronousMode.OFF);
    try (Connection connection = config.createConnection("jdbc:sqlite:" + target.draft());
        Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA auto_vacuum = INCREMENTAL");
      for (String object : ReferenceLayout.OBJECTS) {
        statement.execute(object);
      }
      attach(connection, store);
      String rows = RowSource.in(connection, "store").relation();
      connection.setAutoCommit(false);
      writeMigrations(connection);
      statement.executeUpdate(COPY.replace("ROWS", rows));
      writeOverrides(connection, rows);
      Outcome outcome = count(statement, rows, target.place());
      connection.setAutoCommit(true);
      statement.execute("DETACH store");
      statement.execute("PRAGMA journal_mode = WAL");
      return outcome;
    }
  }

  private static void attach(Connection connection, Path store) throws SQLException {
    try (PreparedStatement attach = connection.prepareStatement("ATTACH ? AS store")) {
      attach.setString(1, Readers.inspectionUri(store, LogSync.hasFrames(store)));
      attach.execute();
    }
  }

  private static void writeMigrations(Connection connection) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
            VALUES (?, ?, TRUE, ?, 0)""")) {
      for (ReferenceLayout.Migration migration : ReferenceLayout.MIGRATIONS) {
        insert.setInt(1, migration.version());
        insert.setString(2, migration.description());
        insert.setBytes(3, HexFormat.of().parseHex(migration.checksum()));
        insert.executeUpdate();
      }
    }
  }

  private void writeOverrides(Connection connection, String source) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery(OVERRIDDEN.replace("ROWS", source));
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE inflight_taskactivations SET activation = ? WHERE id = ?")) {
      while (rows.next()) {
        RetryOverride override =
            new RetryOverride(NullableColumns.getInt(rows, 3), NullableColumns.getLong(rows, 4));
        update.setBytes(1, encoder.withOverride(rows.getBytes(2), override));
        update.setString(2, rows.getString(1));
        update.executeUpdate();
      }
    }
  }

  private static Outcome count(Statement statement, String source, Path place) throws SQLException {
    try (ResultSet row = statement.executeQuery(COUNTS.replace("ROWS", source))) {
      row.next();
      return new Outcome(place, row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4));
    }
  }
}
