package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.ActivationRows.Changeable;
import io.taskbroker.adapters.sqlite.SqliteErrors.Phase;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The writer's connection and its statements. Used by one thread.
 *
 * <p>Outside of a transaction the connection commits by itself, so that what is read leaves no
 * snapshot behind that would keep the log from being begun anew.
 */
final class GroupWriter implements AutoCloseable {
  /** Whether or not a row has progress yet: of all columns but the key, which comes last. */
  private static final String CHANGE =
      "INSERT OR REPLACE INTO progress (%s, key) ".formatted(ActivationRows.CHANGES);

  private static final String CHANGE_RANGE =
      CHANGE
          + "SELECT %s, key FROM activation WHERE key BETWEEN ? AND ?"
              .formatted(ActivationRows.CHANGED);

  private final Connection connection;
  private final Statement pragma;
  private final NewRows newRows;
  private final SizedStatement insertPayloads;
  private final KeyedStatement change;
  private final SizedStatement putPositions;
  private final KeyedStatement deleteActivations;
  private final KeyedStatement deleteProgress;
  private final PayloadRemoval removal;
  private final KeyedStatement selectPayloads;
  private final PreparedStatement putLastGroup;
  private final OrderTable orders;
  private final OtherWriters others;
  private Durability durability = Durability.PROCESS_CRASH;
  private Phase phase = Phase.UPKEEP;

  /** One payload to be kept. */
  private record Payload(long key, byte[] bytes) {}

  /**
   * @param connection with synchronous NORMAL; closed with this
   */
  GroupWriter(Connection connection) throws SQLException {
    this.connection = connection;
    this.pragma = connection.createStatement();
    this.newRows = new NewRows(connection);
    this.insertPayloads =
        new SizedStatement(
            connection,
            rows ->
                "INSERT OR REPLACE INTO payload (key, bytes) VALUES " // of an orphan, if need be
                    + SizedStatement.repeated("(?, ?)", rows));
    this.change = new KeyedStatement(connection, CHANGE_RANGE, GroupWriter::changeOf);
    this.putPositions =
        new SizedStatement(
            connection,
            rows ->
                """
                INSERT INTO position (topic, partition, acknowledged) VALUES %s
                ON CONFLICT DO UPDATE SET acknowledged = excluded.acknowledged"""
                    .formatted(SizedStatement.repeated("(?, ?, ?)", rows)));
    this.deleteActivations = new KeyedStatement(connection, "DELETE FROM activation");
    this.deleteProgress = new KeyedStatement(connection, "DELETE FROM progress");
    this.removal = new PayloadRemoval(connection);
    this.selectPayloads = new KeyedStatement(connection, "SELECT key, bytes FROM payload");
    this.putLastGroup =
        connection.prepareStatement(
            """
            INSERT INTO written (one, last_group) VALUES (1, ?)
            ON CONFLICT DO UPDATE SET last_group = excluded.last_group""");
    this.orders = new OrderTable(connection);
    this.others = new OtherWriters(connection);
  }

  /** For reading everything, while the writer is kept from using it. */
  Connection connection() {
    return connection;
  }

  OtherWriters others() {
    return others;
  }

  PayloadRemoval removal() {
    return removal;
  }

  /** How far the last transaction has come. */
  Phase phase() {
    return phase;
  }

  /** Begins a transaction whose commit will be as durable as asked. */
  void begin(Durability asked) throws SQLException {
    phase = Phase.UPKEEP;
    if (asked != durability) {
      pragma.execute(
          switch (asked) {
            case PROCESS_CRASH -> "PRAGMA synchronous = NORMAL";
            case POWER_CUT -> "PRAGMA synchronous = FULL";
          });
      durability = asked;
    }
    connection.setAutoCommit(false);
  }

  /** Writes a group into the transaction; returns how many bytes of payload came in. */
  long write(JournalGroup group) throws SQLException {
    Changes changes = group.changes();
    phase = Phase.CHANGE;
    delete(changes.deleted());
    phase = Phase.INSERT;
    long inserted = insert(group);
    phase = Phase.CHANGE;
    update(changes.updated(), group.number());
    putPositions.update(
        List.copyOf(changes.positions().entrySet()),
        (statement, at, position) -> {
          Partition partition = position.getKey();
          statement.setString(at, partition.topic());
          statement.setInt(at + 1, partition.number());
          statement.setLong(at + 2, position.getValue());
          return at + 3;
        });
    orders.write(changes.orders());
    if (changedRow(changes) == null && changes.deleted().isEmpty()) {
      phase = Phase.UPKEEP; // no row of the group is to blame for it
      putLastGroup.setLong(1, group.number());
      putLastGroup.executeUpdate(); // also without a change, which tells whether one can be written
    }
    return inserted;
  }

  /**
   * Whether a group was written. A row that it has changed bears its number, and one that it has
   * deleted is gone: a place of its own for the number would cost each group one more page.
   */
  boolean isWritten(JournalGroup group) throws SQLException {
    Changes changes = group.changes();
    StoredActivation changed = changedRow(changes);
    List<Long> deleted = changes.deleted();
    String sql;
    if (changed != null) {
      String table = changes.inserted().isEmpty() ? "progress" : "activation";
      sql =
          "SELECT EXISTS (SELECT 1 FROM %s WHERE key = %d AND last_group = %d)"
              .formatted(table, changed.key(), group.number());
    } else if (!deleted.isEmpty()) {
      sql =
          "SELECT NOT EXISTS (SELECT 1 FROM activation WHERE key = %d)"
              .formatted(deleted.getFirst());
    } else {
      sql = "SELECT EXISTS (SELECT 1 FROM written WHERE last_group = %d)".formatted(group.number());
    }
    try (ResultSet row = pragma.executeQuery(sql)) {
      row.next();
      return row.getBoolean(1);
    }
  }

  /** A row that is there after the group and bears its number. */
  private static @Nullable StoredActivation changedRow(Changes changes) {
    if (!changes.inserted().isEmpty()) {
      return changes.inserted().getFirst();
    }
    return changes.updated().isEmpty() ? null : changes.updated().getFirst();
  }

  /**
   * The highest number of a group that has left something; 0 if there is none. Reads all rows,
   * since the number is kept in those that a group has changed.
   */
  long lastGroup() throws SQLException {
    try (ResultSet row =
        pragma.executeQuery(
            """
            SELECT max(number)
              FROM (SELECT max(last_group) AS number FROM activation
                    UNION ALL
                    SELECT max(last_group) FROM progress
                    UNION ALL
                    SELECT last_group FROM written)""")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  OrderTable orders() {
    return orders;
  }

  void commit() throws SQLException {
    phase = Phase.COMMIT;
    connection.setAutoCommit(true);
  }

  private long insert(JournalGroup group) throws SQLException {
    List<StoredActivation> rows = group.changes().inserted();
    newRows.insert(rows, group.number());
    List<StoredActivation> touched = new ArrayList<>(0);
    List<Payload> payloads = new ArrayList<>(rows.size());
    long bytes = 0;
    for (StoredActivation row : rows) {
      if (!ActivationRows.isUntouched(row)) {
        touched.add(row);
      }
      byte[] payload = group.payloads().get(row.key());
      if (payload == null) {
        throw new IllegalArgumentException("key " + row.key() + " is inserted without payload");
      }
      if (!(row.state() instanceof Completed)) {
        payloads.add(new Payload(row.key(), payload));
        bytes += payload.length;
      }
    }
    insertPayloads.updateAndForget(
        payloads,
        (statement, at, payload) -> {
          statement.setLong(at, payload.key());
          statement.setBytes(at + 1, payload.bytes());
          return at + 2;
        });
    keep(touched, group.number());
    return bytes;
  }

  private void update(List<StoredActivation> rows, long number) throws SQLException {
    keep(rows, number);
    List<Long> completed = new ArrayList<>();
    for (StoredActivation row : rows) {
      if (row.state() instanceof Completed) {
        completed.add(row.key());
      }
    }
    removal.remove(completed);
  }

  private static String changeOf(int rows) {
    String row = "(%s, ?)".formatted(ActivationRows.CHANGED);
    return CHANGE + "VALUES " + SizedStatement.repeated(row, rows);
  }

  /** Keeps how far these have come. */
  private void keep(List<StoredActivation> rows, long number) throws SQLException {
    Map<Changeable, List<Long>> alike = new LinkedHashMap<>();
    for (StoredActivation row : rows) {
      alike.computeIfAbsent(Changeable.of(row), _ -> new ArrayList<>()).add(row.key());
    }
    for (Map.Entry<Changeable, List<Long>> rowsAlike : alike.entrySet()) {
      Changeable changed = rowsAlike.getKey();
      change.update((statement, at) -> changed.bind(statement, at, number), rowsAlike.getValue());
    }
  }

  /** Deletes rows and payloads. Their progress, which means nothing without them, is left. */
  private void delete(List<Long> keys) throws SQLException {
    deleteActivations.update(keys);
    removal.remove(keys);
  }

  /** Deletes progress that has outlived its rows. All or nothing. */
  void deleteOutlived(List<Long> keys) throws SQLException {
    begin(durability);
    try {
      deleteProgress.update(keys);
    } catch (SQLException e) {
      connection.rollback();
      throw e;
    } finally {
      commit();
    }
  }

  /** The keys of progress that has outlived its rows; none where that cannot be read. */
  List<Long> outlived() throws SQLException {
    List<Long> keys = new ArrayList<>();
    try (ResultSet row =
        pragma.executeQuery(
            "SELECT key FROM progress WHERE key NOT IN (SELECT key FROM activation)")) {
      while (row.next()) {
        keys.add(row.getLong(1));
      }
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
      return List.of(); // no row needs what lies there
    }
    return keys;
  }

  /** The highest key that has progress, whether its row is there or not; 0 if no key has any. */
  long lastKey() throws SQLException {
    try (ResultSet row = pragma.executeQuery("SELECT max(key) FROM progress")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** Moves all payloads that can be read away from damage. All or nothing. */
  void replacePayloads() throws SQLException {
    PayloadMove move = new PayloadMove(connection);
    List<Long> keys = move.keys();
    begin(Durability.POWER_CUT);
    move.run(keys);
    commit();
  }

  Map<Long, byte[]> payloads(Collection<Long> keys) throws SQLException {
    Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
    selectPayloads.query(keys, row -> payloads.put(row.getLong(1), row.getBytes(2)));
    return payloads;
  }

  /**
   * Reads everything but the payloads, within one transaction.
   *
   * @return what could not be read
   */
  DamageReport load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row)
      throws SQLException {
    begin(durability);
    StateTables tables = new StateTables(connection);
    positions.accept(tables.positions());
    tables.checkLastGroup();
    tables.checkEndOfProgress();
    AtomicLong lastKey = new AtomicLong();
    tables.rows(
        read -> {
          lastKey.set(read.key());
          row.accept(read);
        });
    boolean isWhole = tables.damage().isEmpty();
    if (!isWhole) {
      connection.rollback(); // a transaction that has met damage cannot be committed
    }
    commit();
    if (isWhole) {
      removal.removeOrphans(lastKey.get());
    }
    return tables.damage();
  }

  /**
   * Gives back at most so many free pages.
   *
   * @return how many are left
   */
  int vacuum(int pages) throws SQLException {
    // Not execute(), which would take the first step of the statement only and free one page.
    pragma.executeUpdate("PRAGMA incremental_vacuum(" + pages + ")");
    try (ResultSet free = pragma.executeQuery("PRAGMA freelist_count")) {
      return free.next() ? free.getInt(1) : 0;
    }
  }

  void rewrite() throws SQLException {
    pragma.executeUpdate("VACUUM");
  }

  /** Rolls back what was not committed. */
  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
