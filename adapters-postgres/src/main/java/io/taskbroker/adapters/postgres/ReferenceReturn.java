package io.taskbroker.adapters.postgres;

import io.taskbroker.application.upkeep.ActivationEncoder;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.StoredState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;

/**
 * Gives a database back to getsentry/taskbroker: what is left goes into its table, which has its
 * name again. All of it in one transaction, while no broker lives. What is no task stays.
 *
 * <p>The reference knows neither of two things that keep an at-most-once task from running twice.
 * So one that was claimed for a push is given back as {@code Processing}, which the reference ends
 * with a failure; and one whose offset Kafka had not acknowledged as {@code Failure}.
 */
public final class ReferenceReturn {
  private static final String TABLE =
      """
      CREATE TABLE IF NOT EXISTS inflight_taskactivations (
        id text NOT NULL PRIMARY KEY,
        activation bytea NOT NULL,
        partition integer NOT NULL,
        kafka_offset bigint NOT NULL,
        added_at timestamptz NOT NULL,
        received_at timestamptz NOT NULL,
        processing_attempts integer NOT NULL,
        expires_at timestamptz,
        delay_until timestamptz,
        processing_deadline_duration integer NOT NULL,
        processing_deadline timestamptz,
        status text NOT NULL,
        at_most_once boolean NOT NULL DEFAULT false,
        application text NOT NULL,
        namespace text NOT NULL,
        taskname text NOT NULL,
        on_attempts_exceeded integer NOT NULL DEFAULT 1,
        bucket smallint NOT NULL DEFAULT 0,
        claim_expires_at timestamptz,
        topic text NOT NULL DEFAULT ''
      )\
      """;

  private static final List<String> INDEXES =
      List.of(
          "idx_activation_partition ON inflight_taskactivations (partition)",
          "idx_activation_claim ON inflight_taskactivations (status, bucket)",
          "idx_topic_partition ON inflight_taskactivations (topic, partition)",
          "idx_added_at ON inflight_taskactivations (added_at)");

  private static final String MIGRATIONS =
      """
      CREATE TABLE IF NOT EXISTS _sqlx_migrations (
        version bigint PRIMARY KEY,
        description text NOT NULL,
        installed_on timestamptz NOT NULL DEFAULT now(),
        success boolean NOT NULL,
        checksum bytea NOT NULL,
        execution_time bigint NOT NULL
      )\
      """;

  /** One of the reference's migrations, as its own bookkeeping has it. */
  private record Migration(int version, String description, String sha384) {}

  private static final List<Migration> APPLIED =
      List.of(
          new Migration(
              1,
              "create inflight activations",
              "28c5c2da74b4092953dee03e3e3cf11d530ba85c234d742834fc55ede9c9550a1b420025393484986385f7b9d89cb068"),
          new Migration(
              2,
              "add bucket",
              "9a1dc51dc9c48cdaf625a2c0c23ea8b03ad2e98e4558f7326eee9223d7f2376af45c43eee18203b4af65f9991d3e0a22"),
          new Migration(
              3,
              "add claim expires at",
              "39d31e1508b62d1f2087a9036fe07f620d248661f12b8565e89332efbfbad93380d567513cf3c05614d0713f56f3d732"),
          new Migration(
              4,
              "add topic age contention",
              "cd51de7de9fbd7ec6e8e6649c9945d60e105f39651b3fae4483476a8e564bdee5d53fe287f8c5582ff6c7fea13d80cca"));

  /** What nobody knows of an at-most-once task: whether another broker gets its record, too. */
  private static final String UNCERTAIN =
      """
      (t.under_way
       OR (t.at_most_once AND c.partition >= 0 AND t.status IN (0, 1)
           AND coalesce(c.acknowledged, -1) <= t.kafka_offset))\
      """;

  private static final String GIVE_BACK =
      """
      INSERT INTO inflight_taskactivations (
        id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
        expires_at, delay_until, processing_deadline_duration, processing_deadline, status,
        at_most_once, application, namespace, taskname, on_attempts_exceeded, bucket,
        claim_expires_at, topic)
      SELECT t.id, coalesce(p.bytes, ''), c.partition, t.kafka_offset, %2$s, %3$s, t.attempts,
             %4$s, %5$s, t.processing_deadline_sec,
             CASE WHEN t.status = 3 OR (t.status = 2 AND t.claim_purpose = 0 AND t.at_most_once)
                  THEN %6$s END,
             CASE WHEN %1$s THEN 'Failure'
                  WHEN t.status = 0 THEN 'Delay'
                  WHEN t.status = 1 THEN 'Pending'
                  WHEN t.status = 2 AND t.claim_purpose = 1 THEN 'Pending'
                  WHEN t.status = 2 AND t.at_most_once THEN 'Processing'
                  WHEN t.status = 2 THEN 'Claimed'
                  WHEN t.status = 3 THEN 'Processing'
                  WHEN t.status = 4 THEN 'Retry'
                  ELSE 'Failure' END,
             t.at_most_once, t.application, t.namespace, t.taskname, t.on_attempts_exceeded,
             t.bucket,
             CASE WHEN t.status = 2 AND t.claim_purpose = 0 AND NOT t.at_most_once
                  THEN %6$s END,
             c.topic
        FROM taskbroker_task t
        JOIN taskbroker_custody c ON c.no = t.custody
        LEFT JOIN taskbroker_payload p ON p.key = t.key
       WHERE t.status <> %7$d AND t.defect IS NULL
       ORDER BY t.key
      ON CONFLICT (id) DO NOTHING\
      """
          .formatted(
              UNCERTAIN,
              Schema.time("t.added_at"),
              Schema.time("t.received_at"),
              Schema.time("t.expires_at"),
              Schema.time("t.delay_until"),
              Schema.time("t.due_at"),
              StoredState.numberOf(Status.COMPLETE));

  private static final String OVERRIDDEN =
      """
      SELECT t.id, p.bytes, t.retry_max_attempts, t.retry_delay_sec
        FROM taskbroker_task t JOIN taskbroker_payload p ON p.key = t.key
       WHERE (t.retry_max_attempts IS NOT NULL OR t.retry_delay_sec IS NOT NULL)
         AND t.defect IS NULL\
      """;

  private final PostgresSettings settings;
  private final ActivationEncoder encoder;

  /**
   * What became of the rows.
   *
   * @param tasks given back
   * @param badRecords that stay, as they are no tasks
   */
  public record Outcome(long tasks, long badRecords) {}

  /**
   * @param encoder writes what workers have said of a task's retries into its payload
   */
  public ReferenceReturn(PostgresSettings settings, ActivationEncoder encoder) {
    this.settings = settings;
    this.encoder = encoder;
  }

  /**
   * Gives everything back, or nothing.
   *
   * @throws UnusableDatabaseException if a broker lives, or the database cannot be changed; it is
   *     as it was
   */
  public Outcome run() {
    Connections connections = new Connections(settings, "export");
    try (Connection connection = connections.openForMigration();
        Statement statement = connection.createStatement()) {
      connections.refuseSeveralPrimaries(settings.migratorLogin());
      ServerSight _ = SchemaCheck.run(connection, settings.place());
      connection.setAutoCommit(false);
      statement.execute("SET LOCAL lock_timeout = '5s'");
      refuseWhileOneLives(statement);
      createTable(connection, statement);
      long tasks = statement.executeLargeUpdate(GIVE_BACK);
      writeOverrides(connection, statement);
      Outcome outcome = new Outcome(tasks, countBadRecords(statement));
      remove(statement);
      connection.commit();
      return outcome;
    } catch (SQLException e) {
      throw new UnusableDatabaseException(
          "%s is as it was: %s".formatted(settings.place(), PostgresErrors.words(e)), e);
    }
  }

  private void refuseWhileOneLives(Statement statement) throws SQLException {
    statement.execute(
        "LOCK TABLE taskbroker_broker, taskbroker_custody IN SHARE ROW EXCLUSIVE MODE");
    try (ResultSet row =
        statement.executeQuery(
            """
            SELECT b.no, b.name
              FROM taskbroker_broker b JOIN taskbroker_heartbeat h ON h.broker = b.no
             WHERE NOT b.fenced AND h.beat_at > clock_timestamp() - interval '%d seconds'\
            """
                .formatted(Silence.SECONDS))) {
      if (row.next()) {
        throw new UnusableDatabaseException(
            "%s is held by broker %d (%s). Stop all brokers first"
                .formatted(settings.place(), row.getLong(1), row.getString(2)));
      }
    }
    statement.execute(
        """
        UPDATE taskbroker_broker SET fenced = true, fenced_at = now(), fenced_by = 'an export'
         WHERE NOT fenced\
        """);
    statement.execute("DELETE FROM taskbroker_heartbeat");
    statement.execute("UPDATE taskbroker_custody SET broker = NULL, wanted_by = NULL");
  }

  private static void createTable(Connection connection, Statement statement) throws SQLException {
    statement.execute(
        """
        DO $$ BEGIN
          IF EXISTS (SELECT 1 FROM pg_class WHERE oid = to_regclass('%1$s') AND relkind = 'v') THEN
            DROP VIEW %1$s;
            IF to_regclass('%1$s_reference') IS NOT NULL THEN
              ALTER TABLE %1$s_reference RENAME TO %1$s;
            END IF;
          END IF;
        END $$\
        """
            .formatted(Schema.VIEW));
    statement.execute(TABLE);
    for (String index : INDEXES) {
      statement.execute("CREATE INDEX IF NOT EXISTS " + index);
    }
    try (ResultSet row =
        statement.executeQuery("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")) {
      row.next();
      if (row.getBoolean(1)) {
        return; // whatever is in it is the reference's
      }
    }
    statement.execute(MIGRATIONS);
    try (PreparedStatement insert =
        connection.prepareStatement(
            """
            INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
            VALUES (?, ?, true, ?, 0)\
            """)) {
      for (Migration migration : APPLIED) {
        insert.setInt(1, migration.version());
        insert.setString(2, migration.description());
        insert.setBytes(3, HexFormat.of().parseHex(migration.sha384()));
        insert.executeUpdate();
      }
    }
  }

  private void writeOverrides(Connection connection, Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery(OVERRIDDEN);
        PreparedStatement update =
            connection.prepareStatement(
                "UPDATE inflight_taskactivations SET activation = ? WHERE id = ?")) {
      while (row.next()) {
        RetryOverride override =
            TaskColumns.retry(TaskColumns.nullableInt(row, 3), TaskColumns.nullableLong(row, 4));
        update.setBytes(1, encoder.withOverride(row.getBytes(2), override));
        update.setString(2, row.getString(1));
        update.executeUpdate();
      }
    }
  }

  private static long countBadRecords(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery(
            "SELECT count(*) FROM taskbroker_task WHERE defect IS NOT NULL AND status <> "
                + StoredState.numberOf(Status.COMPLETE))) {
      row.next();
      return row.getLong(1);
    }
  }

  private static void remove(Statement statement) throws SQLException {
    statement.execute("DELETE FROM taskbroker_task WHERE defect IS NULL");
    statement.execute(
        """
        DELETE FROM taskbroker_payload p
         WHERE NOT EXISTS (SELECT 1 FROM taskbroker_task t WHERE t.key = p.key)\
        """);
    statement.execute("DELETE FROM taskbroker_report");
  }
}
