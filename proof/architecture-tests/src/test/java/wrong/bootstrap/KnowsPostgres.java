package wrong.bootstrap;

import org.postgresql.ds.PGSimpleDataSource;

/** Wiring that connects to a database. */
final class KnowsPostgres {
  PGSimpleDataSource source() {
    return new PGSimpleDataSource();
  }
}
