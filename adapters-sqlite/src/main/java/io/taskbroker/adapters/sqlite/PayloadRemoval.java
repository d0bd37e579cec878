package io.taskbroker.adapters.sqlite;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** Deletes payloads, also beside damage. Used by the writer. */
final class PayloadRemoval {
  private static final String DELETE = "DELETE FROM payload";

  private final Connection connection;
  private final Deque<Long> leftBehind = new ArrayDeque<>();
  private KeyedStatement delete;
  private boolean isDamaged;

  PayloadRemoval(Connection connection) {
    this.connection = connection;
    this.delete = new KeyedStatement(connection, DELETE);
  }

  /**
   * From now on a payload that cannot be deleted, since it lies on or beside a damaged page, is
   * left behind. Nobody reads it again.
   */
  void expectDamage() {
    isDamaged = true;
  }

  /** Deletes payloads in the transaction, or at the next tidying if damage is expected. */
  void remove(List<Long> keys) throws SQLException {
    if (isDamaged) {
      leftBehind.addAll(keys);
    } else {
      delete.update(keys);
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
        delete.update(key);
      } catch (SQLException e) {
        delete = new KeyedStatement(connection, DELETE); // it was closed
        if (!SqliteErrors.isDamage(e)) {
          throw e;
        }
      }
    }
  }

  /**
   * Deletes payloads beyond the last row, whose keys new rows will get. A damaged page may have
   * kept an earlier process from it, and may do so again.
   */
  void removeOrphans(long lastKey) throws SQLException {
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
}
