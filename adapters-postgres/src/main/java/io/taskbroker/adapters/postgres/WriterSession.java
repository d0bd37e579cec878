package io.taskbroker.adapters.postgres;

import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.inflight.JournalException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The session of the store's writer, and what its failures mean. Used by one thread at a time. */
final class WriterSession {
  private final Session session;
  private final JournalEnd end;
  private final PostgresErrors errors;

  WriterSession(Session session, Shared shared) {
    this.session = session;
    this.end = shared.end();
    this.errors = new PostgresErrors(shared.place());
  }

  Session session() {
    return session;
  }

  Connection get() throws SQLException {
    return session.get();
  }

  PreparedStatement prepared(String sql) throws SQLException {
    return session.prepared(sql);
  }

  PreparedStatement plannedAnew(String sql) throws SQLException {
    return session.plannedAnew(sql);
  }

  /** The next call opens another connection; whatever was begun is rolled back. */
  void giveUp() {
    session.giveUp();
  }

  /** Something that is done outside of a group. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  /** Something that gives nothing. */
  @FunctionalInterface
  interface Change {
    void run(Connection connection) throws SQLException;
  }

  /** As {@link #run}, of something that gives nothing. */
  void change(String action, Change change) {
    boolean _ =
        run(
            action,
            connection -> {
              change.run(connection);
              return true;
            });
  }

  /** Does something outside of a group, each statement by itself. */
  <T> T run(String action, Work<T> work) {
    try {
      Connection connection = session.get();
      connection.setAutoCommit(true);
      return work.run(connection);
    } catch (SQLException e) {
      throw failed(action, e, Phase.READ);
    } catch (JournalException.Final e) {
      throw end.after(e);
    } catch (RuntimeException e) {
      session.giveUp(); // nobody knows how far it came
      throw e;
    }
  }

  /** The number that it gives; 0 if it gives no row. */
  static long number(PreparedStatement select) throws SQLException {
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? row.getLong(1) : 0;
    }
  }

  /** What a failure over the session means. What was begun is rolled back. */
  JournalException failed(String action, SQLException e, Phase phase) {
    if (!session.rolledBack(e)) {
      session.giveUp();
    }
    return end.after(errors.translate(action, e, phase));
  }
}
