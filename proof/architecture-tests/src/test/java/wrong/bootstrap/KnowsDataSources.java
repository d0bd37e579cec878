package wrong.bootstrap;

import javax.sql.DataSource;

/** Wiring that hands out connections. */
final class KnowsDataSources {
  String name(DataSource source) {
    return source.toString();
  }
}
