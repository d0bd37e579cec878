package io.taskbroker.benchmarks.store;

import io.taskbroker.application.intake.NewActivation;
import io.taskbroker.domain.Activation;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Types;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * What we compare with: a store whose state is a table, and which decides in SQL.
 *
 * <p>The table and its index are the reference broker's, payload in the row and the text id as key.
 * Each batch is inserted by one statement and followed by a passive checkpoint; each claim and each
 * status is a statement and a transaction of its own; completed rows are deleted every second.
 *
 * <p>There is one writing connection. Its callers' statements queue for the one thread that has it,
 * which costs them less than a lock would that is handed from thread to thread.
 */
final class Baseline implements StoreUnderTest {
  private static final int COLUMNS = 19;

  private static final String TABLE =
      """
      CREATE TABLE inflight_taskactivations (
        id TEXT NOT NULL PRIMARY KEY,
        activation BLOB NOT NULL,
        partition INTEGER NOT NULL,
        offset INTEGER NOT NULL,
        added_at INTEGER NOT NULL,
        processing_attempts INTEGER NOT NULL,
        expires_at INTEGER,
        processing_deadline_duration INTEGER NOT NULL,
        processing_deadline INTEGER,
        status TEXT NOT NULL,
        at_most_once INTEGER NOT NULL DEFAULT 0,
        namespace TEXT,
        delay_until INTEGER,
        on_attempts_exceeded INTEGER NOT NULL DEFAULT 1,
        received_at INTEGER NOT NULL DEFAULT 0,
        taskname TEXT NOT NULL DEFAULT '',
        application TEXT NOT NULL DEFAULT '',
        bucket INTEGER NOT NULL DEFAULT 0,
        claim_expires_at INTEGER
      ) STRICT
      """;

  private static final String INDEX =
      """
      CREATE INDEX idx_pending_activation
          ON inflight_taskactivations (status, added_at, namespace, id)
      """;

  private static final String CLAIM =
      """
      UPDATE inflight_taskactivations
         SET status = 'Processing',
             processing_deadline = unixepoch('now') + processing_deadline_duration + 3,
             claim_expires_at = NULL
       WHERE id IN (
             SELECT id FROM inflight_taskactivations
              WHERE status = 'Pending'
                AND (expires_at IS NULL OR expires_at > ?)
              ORDER BY added_at
              LIMIT 1)
      RETURNING *
      """;

  private static final String SET_STATUS =
      "UPDATE inflight_taskactivations SET status = ? WHERE id = ?";

  private static final String REMOVE_COMPLETED =
      "DELETE FROM inflight_taskactivations WHERE status = 'Complete'";

  private final Connection connection;
  private final PreparedStatement claim;
  private final PreparedStatement setStatus;
  private final Map<Integer, PreparedStatement> insertByRows = new HashMap<>();
  private final ScheduledExecutorService writer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("baseline-writer").factory());
  private final ScheduledFuture<?> cleanUp;

  private Baseline(Connection connection) throws SQLException {
    this.connection = connection;
    execute("PRAGMA page_size = 4096");
    execute("PRAGMA auto_vacuum = INCREMENTAL");
    execute("PRAGMA journal_mode = WAL");
    execute("PRAGMA synchronous = NORMAL");
    execute(TABLE);
    execute(INDEX);
    this.claim = connection.prepareStatement(CLAIM);
    this.setStatus = connection.prepareStatement(SET_STATUS);
    this.cleanUp = writer.scheduleAtFixedRate(this::removeCompleted, 1, 1, TimeUnit.SECONDS);
  }

  /**
   * @param file does not exist
   */
  static Baseline open(Path file) {
    try {
      return new Baseline(DriverManager.getConnection("jdbc:sqlite:" + file));
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  @Override
  public void add(List<NewActivation> batch) {
    written(
            () -> {
              insert(batch);
              execute("PRAGMA wal_checkpoint(PASSIVE)");
              return batch.size();
            })
        .join();
  }

  private void insert(List<NewActivation> batch) throws SQLException {
    PreparedStatement insert = insertByRows.get(batch.size());
    if (insert == null) {
      insert = connection.prepareStatement(insertOf(batch.size()));
      insertByRows.put(batch.size(), insert);
    }
    int at = 0;
    for (NewActivation row : batch) {
      at = bind(insert, at, row);
    }
    insert.executeUpdate();
  }

  private static String insertOf(int rows) {
    String row = "(" + String.join(", ", Collections.nCopies(COLUMNS, "?")) + ")";
    return "INSERT INTO inflight_taskactivations VALUES "
        + String.join(", ", Collections.nCopies(rows, row))
        + " ON CONFLICT (id) DO NOTHING";
  }

  private static int bind(PreparedStatement insert, int before, NewActivation row)
      throws SQLException {
    Activation activation = row.activation();
    int at = before;
    insert.setString(++at, activation.id());
    insert.setBytes(++at, row.payload());
    insert.setInt(++at, activation.partition().number());
    insert.setLong(++at, activation.offset());
    insert.setLong(++at, activation.addedAtMs() / 1000);
    insert.setInt(++at, 0);
    insert.setNull(++at, Types.INTEGER);
    insert.setInt(++at, activation.processingDeadlineSec());
    insert.setNull(++at, Types.INTEGER);
    insert.setString(++at, "Pending");
    insert.setInt(++at, activation.isAtMostOnce() ? 1 : 0);
    insert.setString(++at, activation.namespace());
    insert.setNull(++at, Types.INTEGER);
    insert.setInt(++at, 1);
    insert.setLong(++at, activation.receivedAtMs() / 1000);
    insert.setString(++at, activation.taskname());
    insert.setString(++at, activation.application());
    insert.setInt(++at, 0);
    insert.setNull(++at, Types.INTEGER);
    return at;
  }

  @Override
  public CompletionStage<Held> claim() {
    return written(
        () -> {
          claim.setLong(1, System.currentTimeMillis() / 1000);
          try (ResultSet row = claim.executeQuery()) {
            if (!row.next()) {
              throw new IllegalStateException("nothing is pending");
            }
            Handed handed = new Handed(row.getString("id"), row.getBytes("activation"));
            row.next(); // to the statement's end, where it commits
            return handed;
          }
        });
  }

  @Override
  public CompletionStage<?> complete(String id) {
    return written(() -> setStatus(id, "Complete"));
  }

  private int setStatus(String id, String status) throws SQLException {
    setStatus.setString(1, status);
    setStatus.setString(2, id);
    return setStatus.executeUpdate();
  }

  @Override
  public void remove(List<String> ids) {
    written(
            () -> {
              connection.setAutoCommit(false);
              for (String id : ids) {
                setStatus(id, "Complete");
              }
              execute(REMOVE_COMPLETED);
              connection.commit();
              connection.setAutoCommit(true);
              return ids.size();
            })
        .join();
  }

  private void removeCompleted() {
    try {
      execute(REMOVE_COMPLETED);
    } catch (SQLException e) {
      throw failed(e);
    }
  }

  @Override
  public String settings() {
    return written(
            () ->
                "the reference's table and index, one writing connection, journal_mode="
                    + pragma("journal_mode")
                    + " page_size="
                    + pragma("page_size")
                    + " synchronous="
                    + pragma("synchronous")
                    + " wal_autocheckpoint="
                    + pragma("wal_autocheckpoint")
                    + "; inserts of a whole batch, each with a passive checkpoint; a statement and"
                    + " a transaction for each claim and each status; completed rows deleted each"
                    + " second")
        .join();
  }

  private String pragma(String name) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet value = statement.executeQuery("PRAGMA " + name)) {
      return value.getString(1);
    }
  }

  private void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private <T> CompletableFuture<T> written(Callable<T> work) {
    CompletableFuture<T> result = new CompletableFuture<>();
    writer.execute(
        () -> {
          try {
            result.complete(work.call());
          } catch (Exception e) {
            result.completeExceptionally(e);
          }
        });
    return result;
  }

  private static IllegalStateException failed(SQLException e) {
    return new IllegalStateException("the baseline's database failed: " + e.getMessage(), e);
  }

  @Override
  public void close() {
    writer.close();
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(e);
    }
    if (cleanUp.state() == Future.State.FAILED) {
      throw new IllegalStateException("completed rows were not deleted", cleanUp.exceptionNow());
    }
  }

  private final class Handed implements Held {
    private final String id;
    private final byte[] payload;

    Handed(String id, byte[] payload) {
      this.id = id;
      this.payload = payload;
    }

    @Override
    public String id() {
      return id;
    }

    @Override
    public byte[] payload() {
      return payload;
    }

    @Override
    public CompletionStage<?> release() {
      return written(() -> setStatus(id, "Pending"));
    }
  }
}
