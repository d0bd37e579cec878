package io.taskbroker.adapters.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where the rows of a store stand, for statements that read them. The key is called {@code key} in
 * all of them.
 *
 * @param columns those that {@link ActivationRows#read} takes, in its order and with their names
 * @param tables the relation to select them from
 */
public record RowSource(String columns, String tables) {
  private static final String BOTH = "%1$sactivation LEFT JOIN %1$sprogress USING (key)";

  /** The status of a row; one without progress waits for a worker. */
  static final String STATUS = "coalesce(status, " + ActivationRows.PENDING + ")";

  /** Of a file of the present version. */
  static final RowSource PRESENT = new RowSource(columns(Set.of(), true), BOTH.formatted(""));

  /**
   * Of a file of whatever version of ours.
   *
   * @param schema the name under which the connection has the file, such as {@code main}
   */
  public static RowSource in(Connection connection, String schema) throws SQLException {
    Set<String> progress = columnsOf(connection, schema, "progress");
    if (!progress.isEmpty()) {
      return new RowSource(PRESENT.columns, BOTH.formatted(schema + "."));
    }
    return new RowSource(
        columns(columnsOf(connection, schema, "activation"), false), schema + ".activation");
  }

  /** To be selected from, with these columns and no others. */
  public String relation() {
    return "(SELECT " + columns + " FROM " + tables + ")";
  }

  private static String columns(Set<String> ofOneTable, boolean hasProgress) {
    return Stream.of(ActivationRows.COLUMNS.split(","))
        .map(String::strip)
        .map(column -> column(column, ofOneTable, hasProgress))
        .collect(Collectors.joining(", "));
  }

  /** An earlier version lacks some. */
  private static String column(String name, Set<String> ofOneTable, boolean hasProgress) {
    if (!hasProgress) {
      return ofOneTable.contains(name) ? name : "NULL AS " + name;
    }
    return switch (name) {
      case "status" -> STATUS + " AS status";
      case "attempts", "under_way", "round" -> "coalesce(%1$s, 0) AS %1$s".formatted(name);
      default -> name;
    };
  }

  private static Set<String> columnsOf(Connection connection, String schema, String table)
      throws SQLException {
    Set<String> columns = new HashSet<>();
    try (PreparedStatement select =
        connection.prepareStatement("SELECT name FROM pragma_table_info(?, ?)")) {
      select.setString(1, table);
      select.setString(2, schema);
      try (ResultSet names = select.executeQuery()) {
        while (names.next()) {
          columns.add(names.getString(1));
        }
      }
    }
    return columns;
  }
}
