package io.taskbroker.adapters.sqlite;

import com.zaxxer.hikari.HikariDataSource;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskPage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Connections that read payloads beside the writer. Safe for all platform threads. */
final class PayloadPool implements AutoCloseable {
  private final HikariDataSource readers;

  PayloadPool(HikariDataSource readers) {
    this.readers = readers;
  }

  /** The payload of a row; empty if there is none. */
  Optional<byte[]> payload(long key) throws SQLException {
    try (Connection connection = readers.getConnection();
        PreparedStatement select =
            connection.prepareStatement("SELECT bytes FROM payload WHERE key = ?")) {
      select.setLong(1, key);
      try (ResultSet row = select.executeQuery()) {
        return row.next() ? Optional.of(row.getBytes(1)) : Optional.empty();
      }
    }
  }

  /** As {@link io.taskbroker.inflight.Journal#page}. */
  TaskPage page(TaskFilter filter, long after, int limit) throws SQLException {
    try (Connection connection = readers.getConnection()) {
      return new TaskPages(connection).page(filter, after, limit);
    }
  }

  /** As {@link io.taskbroker.inflight.Journal#parked}. */
  TaskPage parked(long after, int limit) throws SQLException {
    try (Connection connection = readers.getConnection()) {
      return new TaskPages(connection).parked(after, limit);
    }
  }

  @Override
  public void close() {
    readers.close();
  }
}
