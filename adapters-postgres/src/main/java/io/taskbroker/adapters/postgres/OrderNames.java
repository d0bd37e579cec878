package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.engine.StandingOrder;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Under which name a standing order is stored: one that holds for everybody under its own, and one
 * of a single broker with that broker's name before it. All as {@link StorableText}.
 */
final class OrderNames {
  /** Before the names of orders of single brokers; no order that holds for everybody has it. */
  private static final String OWN = "own?";

  static final String OF_EVERYBODY =
      "SELECT name, text FROM taskbroker_standing_order WHERE name NOT LIKE '%s%%'".formatted(OWN);

  private final String own;

  /**
   * @param broker its name, which those of its name that come after it have, too
   */
  OrderNames(String broker) {
    this.own = OWN + broker + "?";
  }

  String stored(StandingOrder order) {
    return switch (order.reach()) {
      case EVERYBODY -> order.name();
      case OWN -> own + order.name();
    };
  }

  /** The name of an order that is stored under this one; null if it is another broker's. */
  @Nullable String read(String stored) {
    if (stored.startsWith(own)) {
      return stored.substring(own.length());
    }
    return stored.startsWith(OWN) ? null : stored;
  }

  /** Puts what these rows of names and texts say into {@code orders}, as far as it concerns us. */
  void read(ResultSet rows, Map<String, String> orders) throws SQLException {
    while (rows.next()) {
      String name = read(String.valueOf(StorableText.decode(rows.getString(1))));
      if (name != null) {
        orders.put(name, String.valueOf(StorableText.decode(rows.getString(2))));
      }
    }
  }
}
