package io.taskbroker.adapters.postgres;

import com.zaxxer.hikari.HikariDataSource;
import io.taskbroker.adapters.postgres.PostgresErrors.Phase;
import io.taskbroker.inflight.JournalException;
import java.sql.Connection;
import java.sql.SQLException;

/** What is done beside the writer, over connections of a pool. Safe for all platform threads. */
final class PooledWork implements AutoCloseable {
  /** Something that is done over a connection. */
  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }

  private final HikariDataSource pool;
  private final PostgresErrors errors;
  private final JournalEnd end;

  PooledWork(HikariDataSource pool, PostgresPlace place, JournalEnd end) {
    this.pool = pool;
    this.errors = new PostgresErrors(place);
    this.end = end;
  }

  /**
   * Reads something, each statement by itself. Once more over a new connection, if the server has
   * ended the first one while nobody used it.
   */
  <T> T read(String action, Work<T> work) {
    end.refuse();
    try {
      return readOnce(work);
    } catch (SQLException first) {
      try {
        if (!SqlStates.isOutOfReach(first)) {
          throw first;
        }
        pool.getHikariPoolMXBean().softEvictConnections();
        return readOnce(work);
      } catch (SQLException e) {
        throw end.after(errors.translate(action, e, Phase.READ));
      }
    }
  }

  private <T> T readOnce(Work<T> work) throws SQLException {
    try (Connection connection = pool.getConnection()) {
      return work.run(connection);
    } catch (JournalException e) {
      throw end.after(e);
    }
  }

  /** Changes something in one transaction, which is committed unless {@code work} throws. */
  <T> T change(String action, Work<T> work) {
    end.refuse();
    Phase phase = Phase.WRITE;
    try (Connection connection = pool.getConnection()) {
      connection.setAutoCommit(false);
      T result = work.run(connection);
      phase = Phase.COMMIT;
      connection.commit();
      return result;
    } catch (SQLException e) {
      throw end.after(errors.translate(action, e, phase));
    } catch (JournalException e) {
      throw end.after(e);
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
