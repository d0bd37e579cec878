package io.taskbroker.adapters.postgres;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/**
 * Questions for rows by their keys, which the server may prepare: it then sends bytes as they are,
 * where it sends two digits for each otherwise. It also keeps their plans, so they are planned
 * without a look at all of a table, which is what the planner would choose while there are few
 * rows, and keep when there are many.
 */
final class ByIndex {
  private static final String WITHOUT_LOOKING_AT_ALL =
      "SELECT set_config('enable_seqscan', 'off', true)";

  private ByIndex() {}

  /** The statement that asks this. */
  static String sql(String question) {
    return WITHOUT_LOOKING_AT_ALL + ";\n" + question;
  }

  /** The answer to a statement of {@link #sql}. */
  static ResultSet rows(PreparedStatement statement) throws SQLException {
    boolean _ = statement.execute();
    boolean _ = statement.getMoreResults();
    return statement.getResultSet();
  }
}
