package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.Journal;
import io.taskbroker.testkit.store.SharedSpace;
import io.taskbroker.testkit.store.SharedStoreContract;
import java.time.Duration;
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
    PostgresSettings settings =
        Databases.settings(server().port(), server().createDatabase(), ConnectionParameters.NONE);
    new Migrations(settings, Databases.TIME, _ -> {}).run();
    return new Space(settings);
  }

  private static final class Space implements SharedSpace {
    private final PostgresSettings settings;
    private final PostgresJournal bystander;

    Space(PostgresSettings settings) {
      this.settings = settings;
      this.bystander = PostgresJournal.open(settings, "bystander", Databases.TIME);
    }

    /** The real time, as no broker's clock is to matter to the others. */
    @Override
    public Journal open(String broker) {
      return PostgresJournal.open(settings, broker, Databases.TIME);
    }

    @Override
    public void depose(String broker) {
      long number =
          Long.parseLong(
              server()
                  .ask(
                      database(),
                      "SELECT no FROM taskbroker_broker WHERE name = '%s'".formatted(broker))
                  .getFirst());
      do { // it may have beaten just now
        server()
            .run(
                database(),
                "UPDATE taskbroker_heartbeat SET beat_at = now() - interval '11 seconds' WHERE"
                    + " broker = "
                    + number);
      } while (!bystander.custody().depose(number));
    }

    @Override
    public void advance(Duration span) {
      server()
          .run(
              database(),
              "UPDATE taskbroker_custody SET free_since = free_since - interval '%d seconds'"
                  .formatted(span.toSeconds()));
    }

    @Override
    public void crash() {
      server().crash();
      server().startAgain();
    }

    private String database() {
      return settings.place().database();
    }

    @Override
    public void close() {
      bystander.close();
    }
  }
}
