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
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * The writer's connection and its statements. Used by one thread.
 *
 * <p>Outside of a transaction the connection commits by itself, so that what is read leaves no
 * snapshot behind that would keep the log from being begun anew.
 */
final class GroupWriter implements AutoCloseable {
  private static final String DELETE_PAYLOADS = "DELETE FROM payload";

  private final Connection connection;
  private final Statement pragma;
  private final SizedStatement insertActivations;
  private final SizedStatement insertPayloads;
  private final KeyedStatement updateActivations;
  private final SizedStatement putPositions;
  private final KeyedStatement deleteActivations;
  private KeyedStatement deletePayloads;
  private final KeyedStatement selectPayloads;
  private final PreparedStatement putLastGroup;
  private final PreparedStatement selectDataVersion;
  private Durability durability = Durability.PROCESS_CRASH;
  private Phase phase = Phase.UPKEEP;
  private boolean isDamaged;
  private int dataVersion;
  private long changesBeside;
  private final Deque<Long> leftBehind = new ArrayDeque<>();

  /** One payload to be kept. */
  private record Payload(long key, byte[] bytes) {}

  /**
   * @param connection with synchronous NORMAL; closed with this
   */
  GroupWriter(Connection connection) throws SQLException {
    this.connection = connection;
    this.pragma = connection.createStatement();
    this.insertActivations =
        new SizedStatement(
            connection,
            rows ->
                "INSERT INTO activation (%s) VALUES %s"
                    .formatted(
                        ActivationRows.INSERTED,
                        SizedStatement.repeated(ActivationRows.PARAMETERS, rows)));
    this.insertPayloads =
        new SizedStatement(
            connection,
            rows ->
                "INSERT OR REPLACE INTO payload (key, bytes) VALUES " // of an orphan, if need be
                    + SizedStatement.repeated("(?, ?)", rows));
    this.updateActivations =
        new KeyedStatement(connection, "UPDATE activation SET " + ActivationRows.CHANGES);
    this.putPositions =
        new SizedStatement(
            connection,
            rows ->
                """
                INSERT INTO position (topic, partition, acknowledged) VALUES %s
                ON CONFLICT DO UPDATE SET acknowledged = excluded.acknowledged"""
                    .formatted(SizedStatement.repeated("(?, ?, ?)", rows)));
    this.deleteActivations = new KeyedStatement(connection, "DELETE FROM activation");
    this.deletePayloads = new KeyedStatement(connection, DELETE_PAYLOADS);
    this.selectPayloads = new KeyedStatement(connection, "SELECT key, bytes FROM payload");
    this.putLastGroup =
        connection.prepareStatement(
            """
            INSERT INTO written (one, last_group) VALUES (1, ?)
            ON CONFLICT DO UPDATE SET last_group = excluded.last_group""");
    this.selectDataVersion = connection.prepareStatement("PRAGMA data_version");
    this.dataVersion = dataVersion();
  }

  /** For reading everything, while the writer is kept from using it. */
  Connection connection() {
    return connection;
  }

  /**
   * Whether another process has changed the database since this was asked last.
   *
   * @param changesBesideTheWriter how often other connections of this process have; a change of
   *     another process since the last of those is not noticed
   */
  boolean writtenByOthers(long changesBesideTheWriter) throws SQLException {
    int before = dataVersion;
    dataVersion = dataVersion();
    boolean isOurs = changesBeside != changesBesideTheWriter;
    changesBeside = changesBesideTheWriter;
    return dataVersion != before && !isOurs;
  }

  private int dataVersion() throws SQLException {
    try (ResultSet row = selectDataVersion.executeQuery()) {
      row.next();
      return row.getInt(1);
    }
  }

  /**
   * From now on a payload that cannot be deleted, since it lies on or beside a damaged page, is
   * left behind. Nobody reads it again.
   */
  void expectDamage() {
    isDamaged = true;
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
    if (changes.inserted().isEmpty() && changes.updated().isEmpty()) {
      phase = Phase.UPKEEP; // no row of the group is to blame for it
      putLastGroup.setLong(1, group.number());
      putLastGroup.executeUpdate(); // also without a change, which tells whether one can be written
    }
    return inserted;
  }

  /**
   * The number of the last group; 0 if there is none. Reads all rows, since the number is kept in
   * those that a group has changed: a place of its own would cost each group one more page.
   */
  long lastGroup() throws SQLException {
    try (ResultSet row =
        pragma.executeQuery(
            """
            SELECT max(number)
              FROM (SELECT max(last_group) AS number FROM activation
                    UNION ALL
                    SELECT last_group FROM written)""")) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  void commit() throws SQLException {
    phase = Phase.COMMIT;
    connection.setAutoCommit(true);
  }

  private long insert(JournalGroup group) throws SQLException {
    List<StoredActivation> rows = group.changes().inserted();
    insertActivations.update(
        rows, (statement, at, row) -> ActivationRows.bind(statement, at, row, group.number()));
    List<Payload> payloads = new ArrayList<>(rows.size());
    long bytes = 0;
    for (StoredActivation row : rows) {
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
    return bytes;
  }

  private void update(List<StoredActivation> rows, long number) throws SQLException {
    Map<Changeable, List<Long>> alike = new LinkedHashMap<>();
    List<Long> completed = new ArrayList<>();
    for (StoredActivation row : rows) {
      alike.computeIfAbsent(Changeable.of(row), _ -> new ArrayList<>()).add(row.key());
      if (row.state() instanceof Completed) {
        completed.add(row.key());
      }
    }
    for (Map.Entry<Changeable, List<Long>> rowsAlike : alike.entrySet()) {
      Changeable changed = rowsAlike.getKey();
      updateActivations.update(
          (statement, at) -> changed.bind(statement, at, number), rowsAlike.getValue());
    }
    removePayloads(completed);
  }

  private void delete(List<Long> keys) throws SQLException {
    deleteActivations.update(keys);
    removePayloads(keys);
  }

  private void removePayloads(List<Long> keys) throws SQLException {
    if (isDamaged) {
      leftBehind.addAll(keys);
    } else {
      deletePayloads.update(keys);
    }
  }

  /**
   * Deletes what the last groups have left behind, each payload by itself, as a transaction that
   * meets damage cannot be committed. What cannot be deleted stays, and is never read again.
   *
   * @throws SQLException if deleting fails for another cause than damage
   */
  void tidy() throws SQLException {
    while (!leftBehind.isEmpty()) {
      List<Long> key = List.of(leftBehind.removeFirst());
      try {
        deletePayloads.update(key);
      } catch (SQLException e) {
        deletePayloads = new KeyedStatement(connection, DELETE_PAYLOADS); // it was closed
        if (!SqliteErrors.isDamage(e)) {
          throw e;
        }
      }
    }
  }

  /**
   * Puts all payloads that can be read into a new table, where new rows meet no damage. The former
   * one stays in the file under another name, as nothing can remove it. All or nothing.
   */
  void replacePayloads() throws SQLException {
    List<Long> keys = new ArrayList<>();
    new TolerantScan(connection, "key, bytes", "payload", (_, _, _) -> {})
        .run(row -> keys.add(row.getLong(1)));
    begin(Durability.POWER_CUT);
    pragma.execute("DROP VIEW " + Schema.VIEW);
    pragma.execute(Schema.PAYLOAD.replace("TABLE payload", "TABLE payload_sound"));
    try (PreparedStatement copy =
        connection.prepareStatement(
            "INSERT INTO payload_sound SELECT key, bytes FROM payload WHERE key = ?")) {
      for (long key : keys) {
        copy.setLong(1, key);
        copy.executeUpdate();
      }
    }
    pragma.execute("ALTER TABLE payload RENAME TO payload_damaged_" + (damagedTables() + 1));
    pragma.execute("ALTER TABLE payload_sound RENAME TO payload");
    pragma.execute(Schema.UNFINISHED);
    commit();
  }

  private int damagedTables() throws SQLException {
    String sql = "SELECT count(*) FROM sqlite_schema WHERE name LIKE 'payload_damaged_%'";
    try (ResultSet row = pragma.executeQuery(sql)) {
      return row.next() ? row.getInt(1) : 0;
    }
  }

  /**
   * Deletes payloads beyond the last row, whose keys new rows will get. A damaged page may have
   * kept an earlier process from it, and may do so again.
   */
  private void removeOrphans(long lastKey) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet keys = select.executeQuery("SELECT key FROM payload ORDER BY key DESC")) {
      while (keys.next() && keys.getLong(1) > lastKey) {
        leftBehind.add(keys.getLong(1));
      }
    } catch (SQLException e) {
      if (!SqliteErrors.isDamage(e)) {
        throw e;
      }
    }
    tidy();
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
      removeOrphans(lastKey.get());
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
