package wrong.bootstrap;

import java.sql.SQLException;

/** Wiring that queries. */
final class KnowsSql {
  void fail() throws SQLException {
    throw new SQLException("wrong");
  }
}
