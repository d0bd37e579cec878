package io.taskbroker.proving.powercut;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.Map;

/** The store that a power cut has left, opened as the broker opens it. */
final class Leftover {
  /** Numbers of the states as they are in the file. */
  private static final int CLAIMED = 2;

  private static final int COMPLETE = 6;

  /** Statuses by id. */
  private final Map<String, Integer> statuses = new HashMap<>();

  private String defect = "";

  private Leftover() {}

  static Leftover read(Path file) {
    var leftover = new Leftover();
    if (!Files.exists(file)) {
      return leftover; // the broker creates it then
    }
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        Statement statement = connection.createStatement()) {
      leftover.read(statement);
    } catch (SQLException e) {
      leftover.defect = "cannot be read: " + e.getMessage();
    }
    return leftover;
  }

  private void read(Statement statement) throws SQLException {
    try (ResultSet rows = statement.executeQuery("PRAGMA integrity_check")) {
      String result = rows.getString(1);
      if (!result.equals("ok")) {
        defect = "is damaged: " + result;
      }
    }
    String all = "SELECT id, coalesce(status, 1) FROM activation LEFT JOIN progress USING (key)";
    try (ResultSet rows = statement.executeQuery(all)) {
      while (rows.next()) {
        if (statuses.put(rows.getString(1), rows.getInt(2)) != null) {
          defect = "holds two rows of activation " + rows.getString(1);
        }
      }
    }
    String withoutPayload =
        """
        SELECT count(*)
          FROM activation a
          LEFT JOIN progress g ON g.key = a.key
          LEFT JOIN payload p ON p.key = a.key
         WHERE p.key IS NULL AND g.status IS NOT 6""";
    try (ResultSet rows = statement.executeQuery(withoutPayload)) {
      if (rows.getInt(1) > 0) {
        defect = "holds " + rows.getInt(1) + " rows without their payload";
      }
    }
  }

  /** What is wrong with the file itself; empty if nothing is. */
  String defect() {
    return defect;
  }

  /** Whether it holds the task, still to be done or to be reported. */
  boolean holdsUnfinished(String id) {
    Integer status = statuses.get(id);
    return status != null && status != COMPLETE;
  }

  /** Whether a broker would hand it out. */
  boolean mayBeClaimed(String id) {
    Integer status = statuses.get(id);
    return status != null && status <= CLAIMED;
  }
}
