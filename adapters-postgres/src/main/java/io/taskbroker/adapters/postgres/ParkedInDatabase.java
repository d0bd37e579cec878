package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.Status;
import io.taskbroker.inflight.ParkedStore;
import io.taskbroker.inflight.StoredState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Rows that Kafka has refused, of all partitions of a database. All are shown. Only rows that no
 * broker has are changed. Used by one thread.
 */
public final class ParkedInDatabase implements ParkedStore {
  private static final String SELECT =
      """
      SELECT t.id,
             CASE WHEN t.defect IS NOT NULL THEN 'bad record'
                  WHEN t.status = %d THEN 'retry'
                  WHEN t.status = %d THEN 'dead letter'
                  ELSE 'demotion' END,
             t.taskname, coalesce(c.topic, ''), coalesce(c.partition, -1), t.kafka_offset,
             t.payload_bytes, t.parked
        FROM taskbroker_task t LEFT JOIN taskbroker_custody c ON c.no = t.custody
       WHERE t.parked IS NOT NULL
       ORDER BY t.key\
      """
          .formatted(StoredState.numberOf(Status.RETRY), StoredState.numberOf(Status.FAILURE));

  private static final String THESE = "parked IS NOT NULL AND id = ANY (?)";

  /** Keeps brokers from taking these partitions until the transaction ends. */
  private static final String OWNERS =
      """
      SELECT c.topic, c.partition, b.no, b.name
        FROM taskbroker_custody c
        LEFT JOIN taskbroker_broker b ON b.no = c.broker AND NOT b.fenced
       WHERE c.no IN (SELECT custody FROM taskbroker_task WHERE %s)
       ORDER BY c.no
         FOR UPDATE OF c\
      """
          .formatted(THESE);

  private static final String RETRY = "UPDATE taskbroker_task SET parked = NULL WHERE " + THESE;

  private static final String DROP_PAYLOADS =
      "DELETE FROM taskbroker_payload WHERE key IN (SELECT key FROM taskbroker_task WHERE %s)"
          .formatted(THESE);

  /** It is over, and stays without payload until its record cannot come again. */
  private static final String DROP =
      """
      UPDATE taskbroker_task
         SET status = %d, due_at = NULL, claim_purpose = NULL, parked = NULL
       WHERE %s\
      """
          .formatted(StoredState.numberOf(Status.COMPLETE), THESE);

  private final Connection connection;
  private final PostgresPlace place;

  private ParkedInDatabase(Connection connection, PostgresPlace place) {
    this.connection = connection;
    this.place = place;
  }

  /**
   * @throws UnusableDatabaseException if the database cannot be used
   */
  public static ParkedInDatabase open(PostgresSettings settings) {
    try {
      Connections connections = new Connections(settings, "parked");
      Connection connection = connections.open();
      try {
        connections.refuseSeveralPrimaries(settings.workerLogin());
        ServerSight _ = SchemaCheck.run(connection, settings.place());
        return new ParkedInDatabase(connection, settings.place());
      } catch (SQLException | RuntimeException e) {
        connection.close();
        throw e;
      }
    } catch (SQLException e) {
      throw failed(settings.place(), e);
    }
  }

  private static UnusableDatabaseException failed(PostgresPlace place, SQLException e) {
    return new UnusableDatabaseException(
        "%s cannot be worked on: %s. Nothing in it was changed"
            .formatted(place, PostgresErrors.words(e)),
        e);
  }

  @Override
  public List<Parked> list() {
    try (PreparedStatement select = connection.prepareStatement(SELECT);
        ResultSet rows = select.executeQuery()) {
      List<Parked> parked = new ArrayList<>();
      while (rows.next()) {
        parked.add(
            new Parked(
                text(rows, 1),
                rows.getString(2),
                text(rows, 3),
                text(rows, 4),
                rows.getInt(5),
                rows.getLong(6),
                rows.getLong(7),
                text(rows, 8)));
      }
      return parked;
    } catch (SQLException e) {
      throw failed(place, e);
    }
  }

  private static String text(ResultSet rows, int at) throws SQLException {
    return String.valueOf(StorableText.decode(rows.getString(at)));
  }

  /**
   * @throws UnusableDatabaseException if a broker has one of them; nothing was changed
   */
  @Override
  public int retry(Collection<String> ids) {
    return change(ids, RETRY);
  }

  /**
   * @throws UnusableDatabaseException if a broker has one of them; nothing was changed
   */
  @Override
  public int drop(Collection<String> ids) {
    return change(ids, DROP_PAYLOADS, DROP);
  }

  private int change(Collection<String> ids, String... steps) {
    try {
      connection.setAutoCommit(false);
      try {
        String[] stored = ids.stream().map(StorableText::encode).toArray(String[]::new);
        refuseIfOwned(stored);
        int changed = 0;
        for (String step : steps) {
          try (PreparedStatement statement = connection.prepareStatement(step)) {
            statement.setArray(1, connection.createArrayOf("text", stored));
            changed = statement.executeUpdate();
          }
        }
        connection.commit();
        return changed;
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    } catch (SQLException e) {
      throw failed(place, e);
    }
  }

  private void refuseIfOwned(String[] ids) throws SQLException {
    try (PreparedStatement owners = connection.prepareStatement(OWNERS)) {
      owners.setArray(1, connection.createArrayOf("text", ids));
      try (ResultSet rows = owners.executeQuery()) {
        while (rows.next()) {
          if (rows.getObject(3) != null) {
            throw new UnusableDatabaseException(
                ("%s is in the custody of broker %d (%s), which keeps it in memory. Give the order to"
                        + " that broker, with --broker, or stop it. Nothing was changed")
                    .formatted(Custodies.partition(rows), rows.getLong(3), text(rows, 4)));
          }
        }
      }
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(place, e);
    }
  }
}
