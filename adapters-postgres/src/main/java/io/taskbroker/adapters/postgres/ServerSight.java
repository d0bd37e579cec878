package io.taskbroker.adapters.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * What a connection has come to, as far as it decides whether brokers can work there.
 *
 * @param version such as {@code 15.13}
 * @param schema the first one of the search path that there is
 * @param elsewhere a schema that has tables of ours and is not on the search path
 */
record ServerSight(
    String version,
    boolean isStandby,
    boolean isReadOnly,
    String encoding,
    String user,
    String searchPath,
    @Nullable String schema,
    @Nullable String elsewhere) {
  static final String ENCODING = "UTF8";

  private static final String READ =
      """
      SELECT split_part(current_setting('server_version'), ' ', 1),
             pg_is_in_recovery(),
             current_setting('transaction_read_only') = 'on',
             pg_encoding_to_char(d.encoding),
             current_user,
             current_setting('search_path'),
             current_schema(),
             (SELECT min(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE c.relname = 'taskbroker_meta' AND to_regclass('taskbroker_meta') IS NULL)
        FROM pg_database d WHERE d.datname = current_database()\
      """;

  static ServerSight read(Connection connection) throws SQLException {
    try (PreparedStatement select = PlannedAnew.prepare(connection, READ);
        ResultSet row = select.executeQuery()) {
      row.next();
      return new ServerSight(
          row.getString(1),
          row.getBoolean(2),
          row.getBoolean(3),
          row.getString(4),
          row.getString(5),
          row.getString(6),
          row.getString(7),
          row.getString(8));
    }
  }

  /**
   * Refuses what no broker and no migration can work with.
   *
   * @throws UnusableDatabaseException with what to do
   */
  void refuseUnfit(PostgresPlace place) {
    if (isStandby) {
      throw new UnusableDatabaseException(
          "%s is a stand-by, and takes no writes. Name all servers in store.pg.host, with commas between them, so that the one that takes writes is found"
              .formatted(place));
    }
    if (isReadOnly) {
      throw new UnusableDatabaseException(
          "%s takes no writes of %s: default_transaction_read_only is on, for the server, the database or the user. Turn it off: ALTER ROLE %s SET default_transaction_read_only = off"
              .formatted(place, user, Identifiers.quoted(user)));
    }
    if (!encoding.equals(ENCODING)) {
      throw new UnusableDatabaseException(
          "%s has the encoding %s, which lacks letters that tasks may have; it has to be %s. Let --run migrations create the database, or create another one WITH ENCODING '%s' TEMPLATE template0"
              .formatted(place, encoding, ENCODING, ENCODING));
    }
    if (schema == null) {
      throw new UnusableDatabaseException(
          "%s: the search_path of %s (%s) names no schema that there is. %s"
              .formatted(place, user, searchPath, mendedSearchPath("public")));
    }
  }

  /** Why our tables are not found, if they are there. */
  @Nullable String hiddenTables(PostgresPlace place) {
    return elsewhere == null
        ? null
        : "%s has its tables in the schema %s, which the search_path of %s (%s) does not name. %s"
            .formatted(place, elsewhere, user, searchPath, mendedSearchPath(elsewhere));
  }

  private String mendedSearchPath(String schemaToName) {
    return "Name it: ALTER ROLE %s SET search_path = %s"
        .formatted(Identifiers.quoted(user), Identifiers.quoted(schemaToName));
  }
}
