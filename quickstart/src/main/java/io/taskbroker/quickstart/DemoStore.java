package io.taskbroker.quickstart;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.workload.process.BrokerSetup;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the demo's broker keeps its tasks: in a file of its own, or in a Postgres that runs here.
 */
final class DemoStore implements AutoCloseable {
  /** Of the database, which migrations create. */
  static final String DATABASE = "taskbroker";

  private final @Nullable PostgresServer server;

  private DemoStore(@Nullable PostgresServer server) {
    this.server = server;
  }

  /**
   * @param state folder of everything that the demo keeps
   */
  static DemoStore start(DevSettings.Keeping keeping, Path state) {
    return new DemoStore(
        switch (keeping) {
          case FILE -> null;
          case POSTGRES -> PostgresServer.startIn(state.resolve("postgres"));
        });
  }

  /** The settings of a broker that keeps its tasks there. */
  BrokerSetup keptBy(BrokerSetup broker) {
    return server == null
        ? broker
        : broker
            .with("store.adapter", "postgres")
            .with("store.pg.host", "127.0.0.1")
            .with("store.pg.port", server.port())
            .with("store.pg.database_name", DATABASE)
            .with("store.pg.run_migrations", true);
  }

  /** Its tasks stay for the next one. */
  @Override
  public void close() {
    if (server != null) {
      server.stop();
    }
  }
}
