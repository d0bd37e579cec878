package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.engine.StoredActivation;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads rows, and leaves out those that this version does not understand. Used by one thread. */
final class TaskReading {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  /** A line is read by people. */
  private static final int MOST_NAMED = 20;

  private final TaskColumns columns;
  private final List<String> unreadable = new ArrayList<>();
  private long lastKey;
  private long rows;

  TaskReading(ServerClock clock) {
    this.columns = new TaskColumns(clock);
  }

  /** Hands over what a query gives. */
  void read(PreparedStatement select, Consumer<StoredActivation> row) throws SQLException {
    try (ResultSet found = select.executeQuery()) {
      while (found.next()) {
        lastKey = found.getLong(3);
        rows++;
        StoredActivation read = null;
        try {
          read = columns.read(found);
        } catch (IllegalArgumentException e) {
          unreadable.add("%d (%s)".formatted(lastKey, e.getMessage()));
        }
        if (read != null) {
          row.accept(read);
        }
      }
    }
  }

  /** The key of the last row that was seen, readable or not. */
  long lastKey() {
    return lastKey;
  }

  /** How many rows were seen, readable or not. */
  long rows() {
    return rows;
  }

  /** Tells people what was left out. */
  void say(PostgresPlace place) {
    if (!unreadable.isEmpty()) {
      LOG.error(
          "{} rows of {} make no sense to this version and are left out; all others are served:"
              + " keys {}",
          unreadable.size(),
          place,
          unreadable.subList(0, Math.min(MOST_NAMED, unreadable.size())));
    }
  }
}
