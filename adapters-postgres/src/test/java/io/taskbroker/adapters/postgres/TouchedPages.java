package io.taskbroker.adapters.postgres;

import io.taskbroker.application.threads.Signal;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.time.Duration;

/** Pages of tables and their indexes that a server has touched. */
final class TouchedPages {
  private static final Duration LOOK = Duration.ofMillis(10);

  private TouchedPages() {}

  /**
   * Those that sessions have touched which have ended. The server counts what a session did when
   * that ends, a moment after its connection was closed; waits for it.
   *
   * @param open sessions of this database that are not to end
   */
  static long of(PostgresServer server, String database, long open) {
    Signal never = SystemThreads.INSTANCE.signal();
    while (sessions(server, database) > open) {
      boolean _ = never.await(LOOK);
    }
    return number(
        server,
        database,
        """
        SELECT coalesce(sum(heap_blks_read + heap_blks_hit), 0)
             + coalesce(sum(idx_blks_read + idx_blks_hit), 0)
          FROM pg_statio_user_tables\
        """);
  }

  /** Sessions of this database that are open now. */
  static long sessions(PostgresServer server, String database) {
    return number(
        server,
        database,
        """
        SELECT count(*) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
           AND backend_type = 'client backend'\
        """);
  }

  private static long number(PostgresServer server, String database, String question) {
    return Long.parseLong(server.ask(database, question).getFirst());
  }
}
