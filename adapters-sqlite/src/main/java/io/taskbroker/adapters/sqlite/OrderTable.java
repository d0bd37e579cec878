package io.taskbroker.adapters.sqlite;

import io.taskbroker.inflight.engine.StandingOrder;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The table of standing orders. There are few, and they change seldom: its statements are prepared
 * when they are needed. Used by one thread.
 */
final class OrderTable {
  private final Connection connection;

  OrderTable(Connection connection) {
    this.connection = connection;
  }

  /** Writes them into the transaction. */
  void write(List<StandingOrder> orders) throws SQLException {
    if (orders.isEmpty()) {
      return;
    }
    try (PreparedStatement put =
            connection.prepareStatement(
                """
                INSERT INTO standing_order (name, text) VALUES (?, ?)
                ON CONFLICT DO UPDATE SET text = excluded.text""");
        PreparedStatement lift =
            connection.prepareStatement(
                "DELETE FROM standing_order WHERE name = ?1 AND text = coalesce(?2, text)")) {
      for (StandingOrder order : orders) {
        PreparedStatement statement = order.text() == null ? lift : put;
        statement.setString(1, order.name());
        statement.setString(2, order.text() == null ? order.over() : order.text());
        statement.executeUpdate();
      }
    }
  }

  /** All of them, by name. */
  Map<String, String> read() throws SQLException {
    Map<String, String> orders = new TreeMap<>();
    try (Statement select = connection.createStatement();
        ResultSet rows = select.executeQuery("SELECT name, text FROM standing_order")) {
      while (rows.next()) {
        orders.put(rows.getString(1), rows.getString(2));
      }
    }
    return orders;
  }
}
