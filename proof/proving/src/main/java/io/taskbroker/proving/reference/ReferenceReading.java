package io.taskbroker.proving.reference;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** Reads files that nobody has open, with plain SQLite. */
public final class ReferenceReading {
  private ReferenceReading() {}

  /** What the reference would not understand of a file that it should take for its own. */
  public static List<String> complaints(Path file) {
    List<String> complaints = new ArrayList<>();
    expect(
        complaints,
        "columns",
        ReferenceTables.COLUMNS,
        texts(file, "SELECT name FROM pragma_table_info('" + ReferenceTables.TABLE + "')"));
    List<String> bookkeeping = new ArrayList<>();
    for (int i = 0; i < ReferenceTables.MIGRATIONS.size(); i++) {
      var step = ReferenceTables.MIGRATIONS.get(i);
      bookkeeping.add((i + 1) + " " + step.description() + " 1 " + step.checksum());
    }
    expect(
        complaints,
        "bookkeeping",
        bookkeeping,
        texts(
            file,
            "SELECT version || ' ' || description || ' ' || success || ' ' || lower(hex(checksum))"
                + " FROM _sqlx_migrations ORDER BY version"));
    expect(complaints, "integrity", List.of("ok"), texts(file, "SELECT * FROM pragma_quick_check"));
    return complaints;
  }

  private static void expect(
      List<String> complaints, String what, List<String> expected, List<String> actual) {
    if (!expected.equals(actual)) {
      complaints.add(what + " should be " + expected + ", are " + actual);
    }
  }

  /** Each row as {@code status payload}, the payload in hexadecimal digits, sorted. */
  public static List<String> rows(Path file) {
    return texts(
        file,
        "SELECT status || ' ' || lower(hex(activation)) AS row FROM inflight_taskactivations"
            + " ORDER BY row");
  }

  /** As {@link #rows} tells of a row. */
  public static String row(String status, byte[] payload) {
    return status + " " + HexFormat.of().formatHex(payload);
  }

  public static long count(Path file) {
    return Long.parseLong(texts(file, "SELECT count(*) FROM inflight_taskactivations").getFirst());
  }

  /** How many rows of one file the other does not have just so: id, payload, status, position. */
  public static long missing(Path original, Path other) {
    String rows = "SELECT id, activation, status, partition, offset FROM %s.";
    return Long.parseLong(
        texts(
                original,
                "ATTACH 'file:" + other + "?mode=ro' AS other",
                ("SELECT count(*) FROM (" + rows + "%s EXCEPT " + rows + "%s)")
                    .formatted("main", ReferenceTables.TABLE, "other", ReferenceTables.TABLE))
            .getFirst());
  }

  private static List<String> texts(Path file, String sql) {
    return texts(file, "SELECT 1", sql);
  }

  private static List<String> texts(Path file, String first, String sql) {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:file:" + file + "?mode=ro");
        Statement statement = connection.createStatement()) {
      statement.execute(first);
      try (ResultSet rows = statement.executeQuery(sql)) {
        List<String> texts = new ArrayList<>();
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
        return texts;
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot read " + file, e);
    }
  }
}
