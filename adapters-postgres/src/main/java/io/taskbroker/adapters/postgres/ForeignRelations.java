package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** Relations of other programs that have names of ours. */
final class ForeignRelations {
  private static final String META = Schema.TABLES.getFirst();

  /** Of our names, those that are taken in the schema in which tables are created. */
  private static final String TAKEN =
      """
      SELECT c.relname
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = current_schema() AND c.relname = ANY (?)
       ORDER BY c.relname\
      """;

  private static final String IS_OUR_META =
      """
      SELECT count(*) = 4 FROM pg_attribute
       WHERE attrelid = to_regclass('taskbroker_meta')
         AND attname IN ('one', 'version', 'last_key', 'last_group')\
      """;

  /** Whether the name that others know is free, or that of a view over our table. */
  private static final String IS_OUR_VIEW_OR_FREE =
      """
      SELECT to_regclass('%1$s') IS NULL
          OR EXISTS (SELECT 1
                       FROM pg_rewrite r JOIN pg_depend d
                         ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                      WHERE r.ev_class = to_regclass('%1$s')
                        AND d.refobjid = to_regclass('taskbroker_task'))\
      """
          .formatted(Schema.VIEW);

  private ForeignRelations() {}

  /**
   * Refuses a database that has any.
   *
   * @throws UnusableDatabaseException if it has
   */
  static void refuse(Connection connection, PostgresPlace place) throws SQLException {
    List<String> taken = taken(connection);
    boolean hasMeta = taken.remove(META);
    if (hasMeta && !isTrue(connection, IS_OUR_META)) {
      throw foreign(META, place);
    }
    boolean hasBegun =
        hasMeta && isTrue(connection, "SELECT count(*) > 0 FROM taskbroker_meta WHERE version > 0");
    if (!hasBegun && !taken.isEmpty()) {
      throw foreign(taken.getFirst(), place);
    }
    if (!ReferenceTable.isThere(connection) && !isTrue(connection, IS_OUR_VIEW_OR_FREE)) {
      throw new UnusableDatabaseException(
          "%s in %s is neither our view nor the table of getsentry/taskbroker as its latest migration leaves it. Bring the database of getsentry/taskbroker to that migration first. If the name is another program's, give brokers a database of their own (store.pg.database_name)"
              .formatted(Schema.VIEW, place));
    }
  }

  private static UnusableDatabaseException foreign(String name, PostgresPlace place) {
    return new UnusableDatabaseException(
        "%s in %s is of another program, and has a name of ours. Give brokers a database of their own (store.pg.database_name)"
            .formatted(name, place));
  }

  private static List<String> taken(Connection connection) throws SQLException {
    List<String> names = new ArrayList<>();
    try (PreparedStatement select = connection.prepareStatement(TAKEN)) {
      select.setArray(1, connection.createArrayOf("name", Schema.TABLES.toArray()));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          names.add(rows.getString(1));
        }
      }
    }
    return names;
  }

  private static boolean isTrue(Connection connection, String question) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(question)) {
      return row.next() && row.getBoolean(1);
    }
  }
}
