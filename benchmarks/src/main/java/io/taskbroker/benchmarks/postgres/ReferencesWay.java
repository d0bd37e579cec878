package io.taskbroker.benchmarks.postgres;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.benchmarks.store.SampleActivations;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Partition;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * An imitation of how getsentry/taskbroker uses a database, written from a description of its
 * behaviour: its table with its five indexes, a statement with SKIP LOCKED for each claim, a
 * transaction for each report, a count of all rows before each batch, and completed rows deleted
 * each second. Each caller has a connection of its own.
 *
 * <p>It leaves out what the reference does besides, such as a ping before each statement and the
 * other sweeps of each second, so it is cheaper than the reference.
 */
final class ReferencesWay implements Contender {
  private static final int PAYLOAD_BYTES = 1024;
  private static final Partition ORIGIN = new Partition("taskworker", 0);
  private static final Duration SWEEP = Duration.ofSeconds(1);
  private static final Duration NOTHING_FOUND = Duration.ofMillis(1);

  /** After so long, rows are everybody's. */
  private static final Duration DRAIN_AGE = Duration.ofSeconds(60);

  private static final String TABLE =
      """
      CREATE TABLE inflight_taskactivations (
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
      )
      """;

  private static final String[] INDEXES = {
    "CREATE INDEX idx_activation_partition ON inflight_taskactivations (partition)",
    "CREATE INDEX idx_activation_claim ON inflight_taskactivations (status, bucket)",
    "CREATE INDEX idx_topic_partition ON inflight_taskactivations (topic, partition)",
    "CREATE INDEX idx_added_at ON inflight_taskactivations (added_at)"
  };

  private static final String INSERT =
      """
      INSERT INTO inflight_taskactivations
        (id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
         processing_deadline_duration, status, at_most_once, application, namespace, taskname,
         on_attempts_exceeded, bucket, topic)
      VALUES %s
      ON CONFLICT (id) DO NOTHING\
      """
          .formatted(
              String.join(
                  ", ",
                  Collections.nCopies(
                      Load.BATCH, "(?, ?, ?, ?, ?, ?, 0, ?, 'Pending', false, ?, ?, ?, 1, ?, ?)")));

  private static final String DEPTHS =
      """
      SELECT count(*) FILTER (WHERE status = 'Pending'),
             count(*) FILTER (WHERE status = 'Delay'),
             count(*) FILTER (WHERE status = 'Claimed'),
             count(*) FILTER (WHERE status = 'Processing'),
             pg_database_size(current_database())
        FROM inflight_taskactivations
       WHERE (topic = ? AND partition = ?) OR added_at < ?\
      """;

  private static final String CLAIM =
      """
      UPDATE inflight_taskactivations
         SET status = 'Processing',
             processing_deadline =
               now() + (processing_deadline_duration + 3) * interval '1 second',
             claim_expires_at = NULL
       WHERE id IN (
             SELECT id FROM inflight_taskactivations
              WHERE status = 'Pending'
                AND (expires_at IS NULL OR expires_at > ?)
                AND ((topic = ? AND partition = ?) OR added_at < ?)
              ORDER BY added_at
              LIMIT 1
                FOR UPDATE SKIP LOCKED)
      RETURNING *\
      """;

  private static final String REPORT =
      "UPDATE inflight_taskactivations SET status = 'Complete' WHERE id = ? RETURNING *";

  private static final String SWEEP_COMPLETED =
      """
      DELETE FROM inflight_taskactivations
       WHERE status = 'Complete' AND ((topic = ? AND partition = ?) OR added_at < ?)\
      """;

  private final PostgresServer server;
  private final String database;
  private final Connection intake;
  private final SampleActivations samples = new SampleActivations(PAYLOAD_BYTES, ORIGIN, 0);

  private ReferencesWay(PostgresServer server, String database, Connection intake) {
    this.server = server;
    this.database = database;
    this.intake = intake;
  }

  /**
   * @param database empty; gets the table
   */
  static ReferencesWay open(PostgresServer server, String database) {
    server.run(database, TABLE);
    server.run(database, INDEXES);
    try {
      return new ReferencesWay(server, database, server.connect(database));
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private static IllegalStateException refused(SQLException e) {
    return new IllegalStateException("the server refused what the reference asks of it", e);
  }

  /**
   * @param tasks the size of a batch
   */
  @Override
  public void add(int tasks) {
    try (PreparedStatement depths = intake.prepareStatement(DEPTHS);
        PreparedStatement insert = intake.prepareStatement(INSERT)) {
      bindPartition(depths, 1, Instant.now());
      try (ResultSet counts = depths.executeQuery()) {
        counts.next();
      }
      int at = 1;
      for (NewActivation row : samples.next(tasks)) {
        at = bind(insert, at, row);
      }
      insert.executeUpdate();
    } catch (SQLException e) {
      throw refused(e);
    }
  }

  private static int bind(PreparedStatement insert, int from, NewActivation row)
      throws SQLException {
    Activation activation = row.activation();
    int at = from;
    insert.setString(at++, activation.id());
    insert.setBytes(at++, row.payload());
    insert.setInt(at++, ORIGIN.number());
    insert.setLong(at++, activation.offset());
    Timestamp now = Timestamp.from(Instant.now());
    insert.setTimestamp(at++, now);
    insert.setTimestamp(at++, now);
    insert.setInt(at++, activation.processingDeadlineSec());
    insert.setString(at++, activation.application());
    insert.setString(at++, activation.namespace());
    insert.setString(at++, activation.taskname());
    insert.setInt(at++, Integer.parseInt(activation.id().substring(0, 2), 16));
    insert.setString(at++, ORIGIN.topic());
    return at;
  }

  private static void bindPartition(PreparedStatement statement, int at, Instant now)
      throws SQLException {
    statement.setString(at, ORIGIN.topic());
    statement.setInt(at + 1, ORIGIN.number());
    statement.setTimestamp(at + 2, Timestamp.from(now.minus(DRAIN_AGE)));
  }

  @Override
  public CompletionStage<?> work(int callers, Tally tally) {
    CompletableFuture<Void> calling =
        CompletableFuture.allOf(
            IntStream.range(0, callers)
                .mapToObj(_ -> onThread("caller", connection -> call(connection, tally)))
                .toArray(CompletableFuture<?>[]::new));
    CompletableFuture<Void> sweeping = onThread("sweeper", connection -> sweep(connection, tally));
    return CompletableFuture.allOf(calling, sweeping);
  }

  @FunctionalInterface
  private interface Work {
    void over(Connection connection) throws SQLException;
  }

  private CompletableFuture<Void> onThread(String name, Work work) {
    return CompletableFuture.runAsync(
        () -> {
          try (Connection connection = server.connect(database)) {
            work.over(connection);
          } catch (SQLException e) {
            throw refused(e);
          }
        },
        run -> Thread.ofPlatform().name(name).start(run));
  }

  private static void call(Connection connection, Tally tally) throws SQLException {
    try (PreparedStatement claim = connection.prepareStatement(CLAIM);
        PreparedStatement report = connection.prepareStatement(REPORT)) {
      while (tally.goesOn()) {
        long since = System.nanoTime();
        Instant now = Instant.now();
        claim.setTimestamp(1, Timestamp.from(now));
        bindPartition(claim, 2, now);
        String id = first(claim);
        if (id.isEmpty()) {
          Load.pass(NOTHING_FOUND);
          continue;
        }
        tally.claimed(since);
        connection.setAutoCommit(false);
        report.setString(1, id);
        String _ = first(report);
        connection.commit();
        connection.setAutoCommit(true);
        tally.completed();
      }
    }
  }

  /** The id of the only row; empty if there is none. The payload is read as well. */
  private static String first(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery()) {
      if (!rows.next()) {
        return "";
      }
      byte[] _ = rows.getBytes("activation");
      return rows.getString("id");
    }
  }

  private static void sweep(Connection connection, Tally tally) throws SQLException {
    try (PreparedStatement delete = connection.prepareStatement(SWEEP_COMPLETED)) {
      long next = System.nanoTime();
      while (tally.goesOn()) {
        if (System.nanoTime() - next >= 0) {
          bindPartition(delete, 1, Instant.now());
          delete.executeUpdate();
          next += SWEEP.toNanos();
        }
        LockSupport.parkNanos(SWEEP.toNanos() / 10);
      }
    }
  }

  @Override
  public void close() {
    try {
      intake.close();
    } catch (SQLException e) {
      throw refused(e);
    }
  }
}
