package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What the store's writer does besides where one broker has the database for itself. Used by one
 * thread at a time.
 */
final class AloneWork {
  private static final String LOAD =
      "SELECT %s FROM %s WHERE t.custody = ANY (?) ORDER BY t.key"
          .formatted(TaskColumns.READ, TaskColumns.FROM);

  /** Rows that are held in memory at once while all are read. */
  private static final int FETCH = 5_000;

  /** Half of the time after which others may take this broker for dead. */
  private static final long BEAT_SECONDS = Silence.SECONDS / 2;

  private final WriterSession session;
  private final Shared shared;
  private final Membership membership;
  private final Custodies custodies;
  private final LiveSize size;

  AloneWork(WriterSession session, Shared shared) {
    this.session = session;
    this.shared = shared;
    this.membership = shared.membership();
    this.custodies = shared.custodies();
    this.size = shared.size();
  }

  /** Finds out what this broker has, after it has taken everything. */
  void findAll() {
    session.change(
        "read which partitions there are",
        connection -> {
          custodies.haveNone();
          try (Statement statement = connection.createStatement();
              ResultSet row =
                  statement.executeQuery("SELECT topic, partition, no FROM taskbroker_custody")) {
            while (row.next()) {
              custodies.have(Custodies.partition(row), row.getInt(3));
            }
          }
        });
  }

  /** Takes those partitions of a group that nobody has heard of. */
  void enterPartitions(JournalGroup group) {
    Set<Partition> unknown = new LinkedHashSet<>(group.changes().positions().keySet());
    group.changes().inserted().forEach(row -> unknown.add(row.activation().partition()));
    unknown.removeIf(partition -> custodies.find(partition) != null);
    if (unknown.isEmpty()) {
      return;
    }
    session.change(
        "enter partitions",
        connection -> {
          PreparedStatement insert =
              session.prepared(
                  """
                  INSERT INTO taskbroker_custody (topic, partition, broker) VALUES (?, ?, ?)
                  ON CONFLICT (topic, partition) DO UPDATE SET broker = excluded.broker
                  RETURNING no\
                  """);
          for (Partition partition : unknown) {
            insert.setString(1, StorableText.encode(partition.topic()));
            insert.setInt(2, partition.number());
            insert.setLong(3, membership.number());
            custodies.have(partition, (int) WriterSession.number(insert));
          }
        });
  }

  /** Says that this broker lives, where nobody else does. */
  void beat() {
    session.change(
        "say that this broker lives",
        connection -> {
          PreparedStatement beat =
              session.prepared(
                  """
                  UPDATE taskbroker_heartbeat SET beat_at = clock_timestamp()
                   WHERE broker = ? AND beat_at < clock_timestamp() - interval '%d seconds'\
                  """
                      .formatted(BEAT_SECONDS));
          beat.setLong(1, membership.number());
          beat.executeUpdate();
        });
  }

  /** As {@link io.taskbroker.inflight.Journal#lastKey}. */
  long lastKey() {
    return session.run(
        "read the last key",
        connection ->
            WriterSession.number(session.prepared("SELECT last_key FROM taskbroker_meta")));
  }

  /** As {@link io.taskbroker.inflight.Journal#load}. */
  void load(Consumer<Map<Partition, Long>> positions, Consumer<StoredActivation> row) {
    TaskReading reading = new TaskReading(shared.clock());
    session.change(
        "read the stored activations",
        connection -> {
          positions.accept(positions(connection));
          size.clear();
          connection.setAutoCommit(false); // or else all rows come at once
          try (PreparedStatement select = connection.prepareStatement(LOAD)) {
            select.setFetchSize(FETCH);
            select.setArray(1, connection.createArrayOf("int4", custodies.numbers()));
            reading.read(
                select,
                read -> {
                  size.add(1, LiveSize.payloadOf(read));
                  row.accept(read);
                });
          }
          connection.commit();
        });
    reading.say(shared.place());
  }

  private Map<Partition, Long> positions(Connection connection) throws SQLException {
    Map<Partition, Long> positions = new HashMap<>();
    try (Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                """
                SELECT topic, partition, acknowledged FROM taskbroker_custody
                 WHERE acknowledged IS NOT NULL AND broker = %d\
                """
                    .formatted(membership.number()))) {
      while (row.next()) {
        positions.put(Custodies.partition(row), row.getLong(3));
      }
    }
    return positions;
  }
}
