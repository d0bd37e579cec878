package io.taskbroker.adapters.postgres;

import static io.taskbroker.adapters.postgres.SharedGroups.FIRST;
import static io.taskbroker.adapters.postgres.SharedGroups.apply;
import static io.taskbroker.adapters.postgres.SharedGroups.insert;
import static io.taskbroker.adapters.postgres.SharedGroups.pending;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.domain.TimeSource;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.testkit.store.SharedSpace;
import io.taskbroker.testkit.store.SharedStoreContract;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Brokers before whose server a pooler stands that hands sessions on after each transaction. */
@EnabledIf(
    value = "io.taskbroker.adapters.postgres.Pooler#isThere",
    disabledReason = "PgBouncer is not installed: apt-get install pgbouncer")
class PoolerTest {
  private static final ConnectionParameters PREPARING =
      ConnectionParameters.parse("sslmode=disable");
  private static final ConnectionParameters NOTHING_PREPARED =
      ConnectionParameters.parse("sslmode=disable&statement-cache-capacity=0");

  @TempDir private static Path folder;

  private static PostgresServer server;

  private @Nullable Pooler pooler;

  @BeforeAll
  static void start() {
    server = PostgresServer.start(CrashTest.LAZY);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @AfterEach
  void closePooler() {
    if (pooler != null) {
      pooler.close();
    }
  }

  private PostgresSettings through(Pooler started, String database, ConnectionParameters how) {
    pooler = started;
    return Databases.settings(started.port(), database, how);
  }

  private SharedSpace space(Pooler started, ConnectionParameters how) {
    PostgresSettings direct = Databases.migrated(server);
    return new SharedDatabase(server, through(started, direct.place().database(), how), direct);
  }

  /** All of the contract, crashes of the server included. */
  @Nested
  class WithoutPreparedStatements extends SharedStoreContract {
    @Override
    protected SharedSpace openEmptySpace(TimeSource time) {
      return space(Pooler.before(server, folder), NOTHING_PREPARED);
    }
  }

  /** The same. */
  @Nested
  @EnabledIf(
      value = "io.taskbroker.adapters.postgres.Pooler#isThereAndPrepares",
      disabledReason = "PgBouncer keeps prepared statements from 1.21 on")
  class WithPreparedStatements extends SharedStoreContract {
    @Override
    protected SharedSpace openEmptySpace(TimeSource time) {
      return space(Pooler.preparing(server, folder), PREPARING);
    }
  }

  @Test
  void migrationsMayRunThroughIt() {
    String database = server.createDatabase();
    PostgresSettings settings = through(Pooler.before(server, folder), database, NOTHING_PREPARED);

    new Migrations(settings, Databases.TIME, _ -> {}).run();

    assertThat(server.ask(database, "SELECT version FROM taskbroker_meta"))
        .containsExactly(String.valueOf(Schema.VERSION));
  }

  /** As PgBouncer is before 1.21, or without {@code max_prepared_statements}. */
  @Test
  void aPoolerThatForgetsPreparedStatementsIsNamed_withTheRemedy() {
    PostgresSettings settings =
        through(
            Pooler.before(server, folder),
            Databases.migrated(server).place().database(),
            PREPARING);

    assertThat(DatabaseCheck.run(settings))
        .isInstanceOfSatisfying(
            DatabaseCheck.Finding.Unfit.class,
            unfit -> assertThat(unfit.reason()).contains("statement-cache-capacity=0"));
    assertThatThrownBy(() -> work(settings))
        .isInstanceOfAny(JournalException.class, UnusableDatabaseException.class)
        .hasMessageContaining("statement-cache-capacity=0");
  }

  private static void work(PostgresSettings settings) {
    try (PostgresJournal one = PostgresJournal.open(settings, "one", Databases.TIME);
        PostgresJournal two = PostgresJournal.open(settings, "two", Databases.TIME)) {
      for (int group = 1; group < 100; group++) {
        SharedGroups.take(one, FIRST);
        apply(one, insert(group, pending(group, FIRST)));
        SharedGroups.take(two, SharedGroups.SECOND);
      }
    }
  }
}
