package io.taskbroker.adapters.sqlite.upstream;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Looks for what keeps a file of the reference broker from being imported. Changes nothing. */
final class ReferenceInspection {
  static final String RESTORE =
      "restore it from a backup, or move it away to start with an empty store";

  private static final int NEWEST = ReferenceLayout.MIGRATIONS.getLast().version();

  private ReferenceInspection() {}

  /**
   * @param what is wrong, as the rest of a sentence about the file
   */
  record Problem(String what, String remedy) {}

  /**
   * The first problem, or null if there is none. Reads the whole file.
   *
   * @throws SQLException if it is too damaged to be read
   */
  static @Nullable Problem inspect(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      Problem problem = missingColumns(statement);
      if (problem == null) {
        problem = unknownMigrations(statement);
      }
      return problem == null ? damage(statement) : problem;
    }
  }

  private static @Nullable Problem missingColumns(Statement statement) throws SQLException {
    Set<String> missing = new TreeSet<>(ReferenceLayout.FIRST_COLUMNS);
    missing.removeAll(
        column(statement, "SELECT name FROM pragma_table_info('" + ReferenceLayout.TABLE + "')"));
    return missing.isEmpty()
        ? null
        : new Problem(
            "looks like a file of the reference broker, but its table %s lacks %s"
                .formatted(ReferenceLayout.TABLE, String.join(", ", missing)),
            RESTORE);
  }

  private static @Nullable Problem unknownMigrations(Statement statement) throws SQLException {
    Set<String> tables = column(statement, "SELECT name FROM sqlite_schema WHERE type = 'table'");
    if (!tables.contains(ReferenceLayout.BOOKKEEPING)) {
      return null; // made by hand, or by a tool; its columns are there
    }
    try (ResultSet row =
        statement.executeQuery(
            "SELECT max(version), min(success) FROM " + ReferenceLayout.BOOKKEEPING)) {
      if (!row.next()) {
        return null;
      }
      if (row.getLong(1) > NEWEST) {
        return new Problem(
            "was written by a newer reference broker (migration %d, the newest known here is %d)"
                .formatted(row.getLong(1), NEWEST),
            "let that one finish what is in it, or use a newer version of this broker");
      }
      boolean isHalfMigrated = row.getLong(2) == 0 && !row.wasNull();
      return isHalfMigrated
          ? new Problem(
              "was left by the reference broker in the middle of a migration",
              "let the reference broker finish the migration first, or restore it from a backup")
          : null;
    }
  }

  private static @Nullable Problem damage(Statement statement) throws SQLException {
    try (ResultSet row = statement.executeQuery("PRAGMA quick_check(1)")) {
      String finding = row.next() ? row.getString(1) : "no answer";
      return finding.equals("ok") ? null : new Problem("is damaged (" + finding + ")", RESTORE);
    }
  }

  private static Set<String> column(Statement statement, String sql) throws SQLException {
    Set<String> values = new HashSet<>();
    try (ResultSet rows = statement.executeQuery(sql)) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    return values;
  }
}
