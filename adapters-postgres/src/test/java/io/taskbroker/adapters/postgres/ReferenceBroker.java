package io.taskbroker.adapters.postgres;

import io.taskbroker.embeddedpostgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Does to the table of getsentry/taskbroker what a running broker of its kind does, and to each
 * task what its workers do. Turns are for one thread.
 */
final class ReferenceBroker implements AutoCloseable {
  private static final int AT_ONCE = 10;

  private static final String INSERT =
      """
      INSERT INTO inflight_taskactivations (
        id, activation, partition, kafka_offset, added_at, received_at, processing_attempts,
        processing_deadline_duration, status, application, namespace, taskname, topic)
      VALUES (?, 'x', ?, ?, now(), now(), 0, 30, 'Pending', 'shop', 'n', 't', 'tasks')
      ON CONFLICT (id) DO NOTHING\
      """;

  private static final String CLAIM =
      """
      UPDATE inflight_taskactivations
         SET status = 'Processing', processing_deadline = now() + interval '1 hour'
       WHERE id IN (SELECT id FROM inflight_taskactivations
                     WHERE status = 'Pending' ORDER BY added_at LIMIT %d FOR UPDATE SKIP LOCKED)
      RETURNING id\
      """
          .formatted(AT_ONCE);

  private final Connection connection;
  private final Set<String> handedOut = ConcurrentHashMap.newKeySet();

  /** Reports of its workers that found no row, since somebody has taken it from them. */
  private final Set<String> lost = ConcurrentHashMap.newKeySet();

  /** Tasks whose workers know only the address of another broker. */
  private final ConcurrentLinkedQueue<String> forOthers = new ConcurrentLinkedQueue<>();

  private final List<String> inserted = new ArrayList<>();

  ReferenceBroker(PostgresServer server, String database) throws SQLException {
    connection = server.connect(database);
  }

  /** One turn of all of its loops. */
  void turn(int partitions) throws SQLException {
    insert(partitions);
    List<String> claimed = claim();
    for (String id : claimed) {
      if (handedOut.size() % 3 == 0) {
        forOthers.add(id);
      } else {
        report(id);
      }
      handedOut.add(id);
    }
    try (Statement upkeep = connection.createStatement()) {
      upkeep.execute("DELETE FROM inflight_taskactivations WHERE status = 'Complete'");
    }
  }

  private void insert(int partitions) throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
      for (int i = 0; i < AT_ONCE; i++) {
        int number = inserted.size();
        String id = "new-" + number;
        insert.setString(1, id);
        insert.setInt(2, number % partitions);
        insert.setLong(3, number);
        insert.addBatch();
        inserted.add(id);
      }
      insert.executeBatch();
    }
  }

  private List<String> claim() throws SQLException {
    List<String> claimed = new ArrayList<>();
    try (PreparedStatement claim = connection.prepareStatement(CLAIM);
        ResultSet rows = claim.executeQuery()) {
      while (rows.next()) {
        claimed.add(rows.getString(1));
      }
    }
    return claimed;
  }

  private void report(String id) throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE inflight_taskactivations SET status = 'Complete' WHERE id = ?")) {
      update.setString(1, id);
      if (update.executeUpdate() != 1) {
        lost.add(id);
      }
    }
  }

  Set<String> handedOut() {
    return handedOut;
  }

  Set<String> lost() {
    return lost;
  }

  ConcurrentLinkedQueue<String> forOthers() {
    return forOthers;
  }

  /** What it has put in, for when it has stopped. */
  List<String> inserted() {
    return inserted;
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
