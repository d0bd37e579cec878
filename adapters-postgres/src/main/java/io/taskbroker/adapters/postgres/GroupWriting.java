package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes one group in two round trips: all of its statements in one request, which opens the
 * transaction, and the commit after the server's answers were seen. Used by the writer.
 */
final class GroupWriting {
  private static final Column<Long, Long> KEYS = Column.ofLong("key", key -> key);

  private final Session session;

  /**
   * What a group has done before its commit.
   *
   * @param place of this broker's row once the group is committed; null if the fence let nothing
   *     through
   * @param duplicates keys of rows that were not inserted, since their ids are there
   * @param rowsGone that were deleted
   * @param payloadBytesGone of payloads that were removed
   */
  record Written(
      @Nullable String place, Set<Long> duplicates, long rowsGone, long payloadBytesGone) {
    boolean isFenced() {
      return place == null;
    }
  }

  GroupWriting(Session session) {
    this.session = session;
  }

  /** Sends a group; the transaction is open afterwards. */
  Written send(GroupRequest request) throws SQLException {
    Connection connection = session.get();
    connection.setAutoCommit(false);
    PreparedStatement statement = session.prepared(request.sql());
    request.bind(statement);
    String place = null;
    long rowsGone = 0;
    long payloadBytesGone = 0;
    long inserted = 0;
    boolean _ = statement.execute();
    for (GroupSection section : request.sections()) {
      switch (section) {
        case FENCE, FENCE_IN_PLACE -> place = place(statement);
        case DELETED_TASKS -> rowsGone = statement.getUpdateCount();
        case DELETED_PAYLOADS -> payloadBytesGone = number(statement);
        case NEW_TASKS, NEW_TASKS_BESIDE_THE_REFERENCE -> inserted = statement.getUpdateCount();
        case NEW_PAYLOADS,
            CHANGED_TASKS,
            POSITIONS,
            ORDERS_PUT,
            ORDERS_LIFTED,
            SETTLED_REPORTS,
            GIVEN_UP,
            SETTINGS -> {}
      }
      boolean _ = statement.getMoreResults();
    }
    Set<Long> duplicates =
        inserted == request.inserted().size() || place == null
            ? Set.of()
            : missing(connection, request);
    return new Written(place, duplicates, rowsGone, payloadBytesGone);
  }

  private static @Nullable String place(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.getResultSet()) {
      return rows.next() ? rows.getString(1) : null;
    }
  }

  private static long number(PreparedStatement statement) throws SQLException {
    try (ResultSet rows = statement.getResultSet()) {
      rows.next();
      return rows.getLong(1);
    }
  }

  private static Set<Long> missing(Connection connection, GroupRequest request)
      throws SQLException {
    Set<Long> missing = new LinkedHashSet<>(request.inserted());
    try (PreparedStatement select =
        connection.prepareStatement("SELECT key FROM taskbroker_task WHERE key = ANY (?)")) {
      KEYS.bind(select, 1, request.inserted());
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          missing.remove(rows.getLong(1));
        }
      }
    }
    return missing;
  }
}
