package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.inflight.JournalException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationsTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final List<String> lines = new ArrayList<>();

  @Test
  void aMissingDatabaseIsCreated_underTheNameAsItIsWritten() {
    for (String name : List.of("default", "With Capitals \"and\" more", freshName())) {
      migrate(Databases.settings(name));

      assertThat(lines)
          .containsExactly("Creating database " + name, "Running migrations on database");
      assertThat(SERVER.ask(name, "SELECT version FROM taskbroker_meta"))
          .containsExactly(String.valueOf(Schema.VERSION));
      lines.clear();
    }
  }

  @Test
  void aSecondRunChangesNothing() {
    PostgresSettings settings = Databases.settings(freshName());
    migrate(settings);
    lines.clear();
    String database = settings.place().database();
    String fingerprint = "SELECT string_agg(oid::text, ',' ORDER BY oid) FROM pg_class";
    List<String> before = SERVER.ask(database, fingerprint);

    migrate(settings);

    assertThat(lines).containsExactly("Running migrations on database");
    assertThat(SERVER.ask(database, fingerprint)).isEqualTo(before);
  }

  @Test
  void severalAtOnceAllSucceed() throws Exception {
    PostgresSettings settings = Databases.settings(freshName());
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<String>> runs = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        runs.add(
            () -> {
              new Migrations(settings, Databases.TIME, _ -> {}).run();
              return "done";
            });
      }
      for (Future<String> run : threads.invokeAll(runs)) {
        assertThat(run.get()).isEqualTo("done");
      }
    }
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      assertThat(journal.lastGroup()).isZero();
    }
  }

  @Test
  void aDatabaseOfAnEarlierVersionKeepsItsRows() {
    PostgresSettings settings = Databases.settings(freshName());
    migrate(settings);
    String database = settings.place().database();
    SERVER.run(database, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public", Schema.META);
    SERVER.run(database, Schema.STEPS.getFirst().toArray(String[]::new));
    SERVER.run(
        database,
        "INSERT INTO taskbroker_meta (one, version) VALUES (1, 1)",
        """
        INSERT INTO taskbroker_task (key, custody, id, application, namespace, taskname,
          kafka_offset, received_at, added_at, processing_deadline_sec, at_most_once,
          on_attempts_exceeded, payload_bytes, bucket, status, attempts, under_way, round)
        VALUES (1, 1, 'id-7', 'app', 'ns', 'task', 0, 0, 0, 10, false, 1, 0, 0, 1, 0, false, 0)\
        """);
    assertThatThrownBy(() -> PostgresJournal.open(settings, "one", Databases.TIME))
        .hasMessageContaining("version 1")
        .hasMessageContaining("--run migrations");

    migrate(settings);

    assertThat(SERVER.ask(database, "SELECT id FROM taskbroker_task")).containsExactly("id-7");
    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      SharedGroups.take(journal, SharedGroups.FIRST);
      assertThatThrownBy(
              () ->
                  SharedGroups.apply(
                      journal, SharedGroups.insert(1, SharedGroups.pending(7, SharedGroups.FIRST))))
          .isInstanceOf(JournalException.Duplicates.class);
    }
  }

  @Test
  void aDatabaseWithoutTablesIsRefusedWithTheRemedy() {
    PostgresSettings settings = Databases.empty();

    assertThatThrownBy(() -> PostgresJournal.open(settings, "one", Databases.TIME))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("no tables")
        .hasMessageContaining("--run migrations");
  }

  @Test
  void aNewerDatabaseIsRefused_andNotTouched() {
    PostgresSettings settings = Databases.migrated();
    SERVER.run(settings.place().database(), "UPDATE taskbroker_meta SET version = 99");

    assertThatThrownBy(() -> PostgresJournal.open(settings, "one", Databases.TIME))
        .hasMessageContaining("version 99")
        .hasMessageContaining("newer broker");
    assertThatThrownBy(() -> migrate(settings)).hasMessageContaining("version 99");
    assertThat(SERVER.ask(settings.place().database(), "SELECT version FROM taskbroker_meta"))
        .containsExactly("99");
  }

  @Test
  void aMissingDatabaseIsRefusedAtOnce_byABrokerThatDoesNotMigrate() {
    assertThatThrownBy(
            () -> PostgresJournal.open(Databases.settings("nowhere"), "one", Databases.TIME))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("nowhere");
  }

  @Test
  void aWrongPasswordIsRefusedAtOnce_andNotPrinted() {
    SERVER.run("postgres", "CREATE ROLE guest LOGIN PASSWORD 'right'");
    PostgresSettings settings = with(Databases.migrated(), new Login("guest", "wrong-secret"));

    assertThatThrownBy(() -> PostgresJournal.open(settings, "one", Databases.TIME))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("guest")
        .hasMessageNotContaining("wrong-secret");
  }

  @Test
  void theUserAtWorkNeedsNothingButWhatMigrationsGrant() {
    SERVER.run("postgres", "CREATE ROLE \"Worker Bee\" LOGIN PASSWORD 'w'");
    String name = freshName();
    PostgresSettings settings = with(Databases.settings(name), new Login("Worker Bee", "w"));

    migrate(settings);

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      assertThat(SharedGroups.roundTrip(journal)).isTrue();
    }
    assertThat(SERVER.ask(name, "SELECT has_schema_privilege('Worker Bee', 'public', 'CREATE')"))
        .containsExactly("f");
  }

  @Test
  void theReferencesMigrationsAreNotTouched_andItsTableKeepsItsName() {
    PostgresSettings settings = Databases.empty();
    String database = settings.place().database();
    SERVER.run(
        database,
        "CREATE TABLE _sqlx_migrations (version bigint PRIMARY KEY, description text)",
        "INSERT INTO _sqlx_migrations VALUES (1, 'create inflight activations')",
        "CREATE TABLE inflight_taskactivations (id text PRIMARY KEY, topic text)",
        "INSERT INTO inflight_taskactivations VALUES ('left', 'tasks')");

    migrate(settings);

    assertThat(SERVER.ask(database, "SELECT version || description FROM _sqlx_migrations"))
        .containsExactly("1create inflight activations");
    assertThat(
            SERVER.ask(
                database,
                "SELECT relkind FROM pg_class WHERE relname = 'inflight_taskactivations'"))
        .containsExactly("r");
  }

  @Test
  void aDatabaseIsCreatedInUtf8_whateverTheTemplateIs() {
    String name = freshName();
    migrate(Databases.settings(name));

    assertThat(
            SERVER.ask(
                name,
                "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"))
        .containsExactly("UTF8");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "CREATE TABLE inflight_taskactivations (i int)",
        "CREATE VIEW inflight_taskactivations AS SELECT 1 AS topic",
        "CREATE TABLE taskbroker_meta (version int)",
        "CREATE TABLE taskbroker_task (i int)",
        "CREATE SEQUENCE taskbroker_report",
      })
  void aNameThatIsAnotherProgramsIsRefused_andNothingIsLeftBehind(String sql) {
    PostgresSettings settings = Databases.empty();
    String database = settings.place().database();
    SERVER.run(database, sql);
    String relations =
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1";
    List<String> before = SERVER.ask(database, relations);

    assertThatThrownBy(() -> migrate(settings))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining(before.getFirst() + " in " + settings.place())
        .hasMessageContaining("a database of their own");
    assertThat(SERVER.ask(database, relations)).isEqualTo(before);
  }

  @Test
  void whoMayNotCreateIsToldWhatASuperuserHasToType() {
    SERVER.run("postgres", "CREATE ROLE humble LOGIN PASSWORD 'h'");
    Login humble = new Login("humble", "h");
    String name = freshName();
    PostgresSettings settings = with(Databases.settings(name), humble, humble);

    assertThatThrownBy(() -> migrate(settings))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("permission denied to create database")
        .hasMessageContaining("ALTER ROLE \"humble\" CREATEDB");

    SERVER.run("postgres", "CREATE DATABASE " + name);
    String owning = "ALTER DATABASE \"%s\" OWNER TO \"humble\"".formatted(name);
    assertThatThrownBy(() -> migrate(settings))
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("permission denied for schema public")
        .hasMessageContaining(owning);

    SERVER.run("postgres", owning);
    migrate(settings);
  }

  @Test
  void theStatementsOfTheDocumentsAreEnough() throws IOException {
    String page = Files.readString(Path.of("../docs/postgres.md"));
    int begin = page.indexOf("CREATE ROLE taskbroker_owner");
    for (String statement : page.substring(begin, page.indexOf(";\n```", begin)).split(";\n", -1)) {
      SERVER.run("postgres", statement);
    }
    PostgresSettings settings =
        with(
            Databases.settings("taskbroker"),
            new Login("taskbroker", "…"),
            new Login("taskbroker_owner", "…"));

    migrate(settings);

    try (PostgresJournal journal = PostgresJournal.open(settings, "one", Databases.TIME)) {
      assertThat(SharedGroups.roundTrip(journal)).isTrue();
    }
  }

  @Test
  void theLockOfTheReferenceIsWaitedFor() throws Exception {
    PostgresSettings settings = Databases.settings(freshName());
    SERVER.run("postgres", "CREATE DATABASE " + settings.place().database());
    String database = settings.place().database();
    try (var connection = SERVER.connect(database);
        var statement = connection.createStatement();
        var _ =
            statement.executeQuery(
                "SELECT pg_advisory_lock(" + Migrations.lockNumber(database) + ")");
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<?> migrating =
          thread.submit(() -> new Migrations(settings, Databases.TIME, _ -> {}).run());
      String waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
      while (!SERVER.ask(database, waiting).contains("1")) {
        Thread.onSpinWait();
      }
      assertThat(SERVER.ask(database, "SELECT to_regclass('taskbroker_task') IS NULL"))
          .containsExactly("t");
      var _ = statement.execute("SELECT pg_advisory_unlock_all()");
      migrating.get();
    }
    assertThat(SERVER.ask(database, "SELECT to_regclass('taskbroker_task') IS NULL"))
        .containsExactly("f");
  }

  @Test
  void aBrokerOfTheReferenceIsNotHeldUp() throws Exception {
    PostgresSettings settings = Databases.empty();
    String database = settings.place().database();
    SERVER.run(database, ReferenceTableTest.TABLE);
    AtomicBoolean isOver = new AtomicBoolean();
    try (ReferenceBroker reference = new ReferenceBroker(SERVER, database);
        ExecutorService thread = Executors.newSingleThreadExecutor()) {
      Future<Duration> serving =
          thread.submit(
              () -> {
                Duration longest = Duration.ZERO;
                while (!isOver.get()) {
                  long began = System.nanoTime();
                  reference.turn(4);
                  Duration turn = Duration.ofNanos(System.nanoTime() - began);
                  longest = turn.compareTo(longest) > 0 ? turn : longest;
                }
                return longest;
              });
      while (reference.handedOut().isEmpty()) {
        Thread.onSpinWait();
      }
      for (int run = 0; run < 5; run++) {
        migrate(settings);
      }
      isOver.set(true);

      assertThat(serving.get()).isLessThan(Duration.ofSeconds(1));
    }
  }

  private void migrate(PostgresSettings settings) {
    new Migrations(settings, Databases.TIME, lines::add).run();
  }

  private static String freshName() {
    return "fresh" + NAMES.incrementAndGet();
  }

  static PostgresSettings with(PostgresSettings settings, Login worker) {
    return with(settings, worker, settings.migrator());
  }

  private static PostgresSettings with(PostgresSettings settings, Login worker, Login migrator) {
    return new PostgresSettings(
        settings.place(),
        worker,
        migrator,
        settings.parameters(),
        settings.runMigrations(),
        settings.repetition(),
        settings.orphanAge());
  }
}
