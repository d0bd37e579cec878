package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.testkit.store.SharedSpace;
import io.taskbroker.testkit.store.SharedStoreContract;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** Owned stores that share a real server keep to the contract. */
class SharedStoreTest extends SharedStoreContract {
  private static @Nullable PostgresServer server;

  /** A server of its own, as it is to crash. */
  @BeforeAll
  static void start() {
    server = PostgresServer.start(CrashTest.LAZY);
  }

  @AfterAll
  static void stop() {
    server().close();
  }

  private static PostgresServer server() {
    PostgresServer running = server;
    if (running == null) {
      throw new IllegalStateException("the server was not started");
    }
    return running;
  }

  @Override
  protected SharedSpace openEmptySpace(TimeSource time) {
    PostgresSettings settings = Databases.migrated(server());
    return new SharedDatabase(server(), settings, settings);
  }
}
