package io.taskbroker.adapters.sqlite;

import io.taskbroker.adapters.sqlite.ActivationRows.Changeable;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Durability;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.Changes;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The writer's connection and its statements. Used by one thread.
 *
 * <p>Outside of a transaction the connection commits by itself, so that what is read leaves no
 * snapshot behind that would keep the log from being begun anew.
 */
final class GroupWriter implements AutoCloseable {
  private final Connection connection;
  private final Statement pragma;
  private final SizedStatement insertActivations;
  private final SizedStatement insertPayloads;
  private final KeyedStatement updateActivations;
  private final SizedStatement putPositions;
  private final KeyedStatement deleteActivations;
  private final KeyedStatement deletePayloads;
  private final KeyedStatement selectPayloads;
  private Durability durability = Durability.PROCESS_CRASH;

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
                        ActivationRows.COLUMNS,
                        SizedStatement.repeated(ActivationRows.PARAMETERS, rows)));
    this.insertPayloads =
        new SizedStatement(
            connection,
            rows ->
                "INSERT INTO payload (key, bytes) VALUES "
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
    this.deletePayloads = new KeyedStatement(connection, "DELETE FROM payload");
    this.selectPayloads = new KeyedStatement(connection, "SELECT key, bytes FROM payload");
  }

  /** Begins a transaction whose commit will be as durable as asked. */
  void begin(Durability asked) throws SQLException {
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
    if (changes.isEmpty()) { // a page is written all the same, which tells whether one can be
      pragma.execute("PRAGMA user_version = " + Schema.VERSION);
    }
    delete(changes.deleted());
    long inserted = insert(changes.inserted(), group.payloads());
    update(changes.updated());
    putPositions.update(
        List.copyOf(changes.positions().entrySet()),
        (statement, at, position) -> {
          Partition partition = position.getKey();
          statement.setString(at, partition.topic());
          statement.setInt(at + 1, partition.number());
          statement.setLong(at + 2, position.getValue());
          return at + 3;
        });
    return inserted;
  }

  void commit() throws SQLException {
    connection.setAutoCommit(true);
  }

  private long insert(List<StoredActivation> rows, Map<Long, byte[]> byKey) throws SQLException {
    insertActivations.update(rows, ActivationRows::bind);
    List<Payload> payloads = new ArrayList<>(rows.size());
    long bytes = 0;
    for (StoredActivation row : rows) {
      byte[] payload = byKey.get(row.key());
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

  private void update(List<StoredActivation> rows) throws SQLException {
    Map<Changeable, List<Long>> alike = new LinkedHashMap<>();
    List<Long> completed = new ArrayList<>();
    for (StoredActivation row : rows) {
      alike.computeIfAbsent(Changeable.of(row), _ -> new ArrayList<>()).add(row.key());
      if (row.state() instanceof Completed) {
        completed.add(row.key());
      }
    }
    for (Map.Entry<Changeable, List<Long>> group : alike.entrySet()) {
      updateActivations.update(group.getKey()::bind, group.getValue());
    }
    deletePayloads.update(completed);
  }

  private void delete(List<Long> keys) throws SQLException {
    deleteActivations.update(keys);
    deletePayloads.update(keys);
  }

  Map<Long, byte[]> payloads(Collection<Long> keys) throws SQLException {
    Map<Long, byte[]> payloads = HashMap.newHashMap(keys.size());
    selectPayloads.query(keys, row -> payloads.put(row.getLong(1), row.getBytes(2)));
    return payloads;
  }

  /** Reads everything but the payloads, within one transaction. */
  void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row)
      throws SQLException {
    begin(durability);
    try (Statement select = connection.createStatement()) {
      positions.accept(positions(select));
      ActivationRows rows = new ActivationRows();
      String sql = "SELECT " + ActivationRows.COLUMNS + " FROM activation ORDER BY key";
      try (ResultSet columns = select.executeQuery(sql)) {
        while (columns.next()) {
          row.accept(read(rows, columns));
        }
      }
    }
    commit();
  }

  private static StoredActivation read(ActivationRows rows, ResultSet columns) throws SQLException {
    try {
      return rows.read(columns);
    } catch (IllegalArgumentException e) {
      throw new UnreadableRowException(columns.getLong(1), e);
    }
  }

  private static Map<Partition, Long> positions(Statement select) throws SQLException {
    Map<Partition, Long> positions = new HashMap<>();
    try (ResultSet columns =
        select.executeQuery("SELECT topic, partition, acknowledged FROM position")) {
      while (columns.next()) {
        positions.put(new Partition(columns.getString(1), columns.getInt(2)), columns.getLong(3));
      }
    }
    return positions;
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
