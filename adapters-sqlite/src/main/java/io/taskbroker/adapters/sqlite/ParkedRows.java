package io.taskbroker.adapters.sqlite;

import io.taskbroker.domain.Status;
import io.taskbroker.inflight.ParkedStore;
import io.taskbroker.inflight.StoredState;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Rows that Kafka has refused, in the store of a stopped broker. Used by one thread. */
public final class ParkedRows implements ParkedStore {
  private static final String SELECT =
      """
      SELECT id,
             CASE WHEN defect IS NOT NULL THEN 'bad record'
                  WHEN status = %d THEN 'retry'
                  WHEN status = %d THEN 'dead letter'
                  ELSE 'demotion' END,
             taskname, topic, partition, offset, payload_bytes, parked
        FROM %s
       WHERE parked IS NOT NULL
       ORDER BY key
      """
          .formatted(
              StoredState.numberOf(Status.RETRY),
              StoredState.numberOf(Status.FAILURE),
              RowSource.PRESENT.tables());

  private static final String ONE =
      "parked IS NOT NULL AND key IN (SELECT key FROM activation WHERE id = ?)";

  private static final String RETRY = "UPDATE progress SET parked = NULL WHERE " + ONE;

  /** It is over, and stays without payload until its record cannot come again. */
  private static final String DROP =
      "UPDATE progress SET status = %d, due_at = NULL, claim_purpose = NULL, parked = NULL WHERE %s"
          .formatted(StoredState.numberOf(Status.COMPLETE), ONE);

  private static final String DROP_PAYLOAD =
      "DELETE FROM payload WHERE key IN (SELECT key FROM progress WHERE " + ONE + ")";

  private final StoppedStore store;
  private final Connection connection;

  private ParkedRows(StoppedStore store, Connection connection) {
    this.store = store;
    this.connection = connection;
  }

  /**
   * @throws UnusableFileException if a broker holds the file, or it is no sound store
   */
  public static ParkedRows open(Path file) {
    StoppedStore store = null;
    try {
      store = StoppedStore.openForChanges(file);
      return new ParkedRows(store, new Connections(store.file()).openWriter());
    } catch (SQLException e) {
      if (store != null) {
        store.close();
      }
      throw failed(file, e);
    }
  }

  private static UnusableFileException failed(Path file, SQLException e) {
    return new UnusableFileException(
        "%s cannot be worked on: %s. Nothing in it was changed. %s."
            .formatted(
                file,
                e.getMessage(),
                DamageReport.remedy(e, file, "See that its folder can be written to")),
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
                rows.getString(1),
                rows.getString(2),
                rows.getString(3),
                rows.getString(4),
                rows.getInt(5),
                rows.getLong(6),
                rows.getLong(7),
                rows.getString(8)));
      }
      return parked;
    } catch (SQLException e) {
      throw failed(store.file(), e);
    }
  }

  @Override
  public int retry(Collection<String> ids) {
    return change(ids, RETRY);
  }

  @Override
  public int drop(Collection<String> ids) {
    return change(ids, DROP_PAYLOAD, DROP);
  }

  private int change(Collection<String> ids, String... steps) {
    try {
      connection.setAutoCommit(false);
      int changed = 0;
      for (String id : ids) {
        int rows = 0;
        for (String step : steps) {
          try (PreparedStatement statement = connection.prepareStatement(step)) {
            statement.setString(1, id);
            rows = statement.executeUpdate();
          }
        }
        changed += rows;
      }
      connection.setAutoCommit(true);
      return changed;
    } catch (SQLException e) {
      throw failed(store.file(), e);
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw failed(store.file(), e);
    } finally {
      store.close();
    }
  }
}
