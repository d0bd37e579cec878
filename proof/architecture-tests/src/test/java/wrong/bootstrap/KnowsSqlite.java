package wrong.bootstrap;

import org.sqlite.SQLiteConfig;

/** Wiring that tunes a database. */
final class KnowsSqlite {
  SQLiteConfig config() {
    return new SQLiteConfig();
  }
}
