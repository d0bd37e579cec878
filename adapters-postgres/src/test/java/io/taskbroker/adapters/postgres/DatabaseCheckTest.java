package io.taskbroker.adapters.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.adapters.postgres.DatabaseCheck.Finding;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What check-config and a start say of a database, each with the remedy. */
class DatabaseCheckTest {
  private static final PostgresServer SERVER = PostgresServer.shared();
  private static final AtomicInteger NAMES = new AtomicInteger();

  private final String user = "clerk" + NAMES.incrementAndGet();

  @Test
  void whatWasReachedIsOneLine() {
    PostgresSettings settings = Databases.migrated();

    assertThat(DatabaseCheck.run(settings))
        .isInstanceOfSatisfying(
            Finding.Fit.class,
            fit ->
                assertThat(fit.line())
                    .matches(
                        "%s at 127\\.0\\.0\\.1:%d: Postgres [0-9.]+, takes writes, tables of version %d"
                            .formatted(
                                settings.place().database(), SERVER.port(), Schema.VERSION)));
  }

  @Test
  void aUserWhoMayOnlyRead_isToldHowToWrite() {
    PostgresSettings settings = migratedFor(user);
    SERVER.run("postgres", "ALTER ROLE %s SET default_transaction_read_only = on".formatted(user));

    assertRefused(settings, "takes no writes of " + user, "default_transaction_read_only = off");
  }

  @Test
  void tablesThatTheSearchPathDoesNotName_areNotMissing() {
    PostgresSettings settings = migratedFor(user);
    SERVER.run("postgres", "ALTER ROLE %s SET search_path = pg_catalog, nowhere".formatted(user));

    assertRefused(settings, "in the schema public", "SET search_path = \"public\"");
  }

  @Test
  void aSearchPathThatLeadsNowhereIsNamed() {
    PostgresSettings settings = migratedFor(user);
    SERVER.run("postgres", "ALTER ROLE %s SET search_path = nowhere".formatted(user));

    assertRefused(settings, "(nowhere) names no schema", "ALTER ROLE \"" + user + "\"");
  }

  @Test
  void anotherEncodingIsRefused_byMigrations_too() {
    String name = "latin" + NAMES.incrementAndGet();
    SERVER.run(
        "postgres",
        "CREATE DATABASE %s ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
            .formatted(name));
    PostgresSettings settings = Databases.settings(name);

    assertRefused(settings, "the encoding LATIN1", "UTF8");
    assertThatThrownBy(() -> new Migrations(settings, Databases.TIME, _ -> {}).run())
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining("the encoding LATIN1");
    assertThat(SERVER.ask(name, "SELECT to_regclass('taskbroker_meta') IS NULL"))
        .containsExactly("t");
  }

  @Test
  void aUserWithoutRights_isToldThatMigrationsGrantThem() {
    PostgresSettings settings = migratedFor(user);
    SERVER.run(
        settings.place().database(), "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM " + user);

    assertRefused(settings, "permission denied for table taskbroker_meta", "--run migrations");
  }

  @Test
  void aHostThatDoesNotResolveIsNamed() {
    PostgresSettings settings =
        Databases.settings(5432, "any", ConnectionParameters.parse("host=nowhere.invalid"));

    assertThat(DatabaseCheck.run(settings))
        .isInstanceOfSatisfying(
            Finding.Unfit.class,
            unfit -> assertThat(unfit.reason()).contains("nowhere.invalid cannot be resolved"));
  }

  private static PostgresSettings migratedFor(String name) {
    SERVER.run("postgres", "CREATE ROLE %s LOGIN PASSWORD 'c'".formatted(name));
    PostgresSettings settings = MigrationsTest.with(Databases.empty(), new Login(name, "c"));
    new Migrations(settings, Databases.TIME, _ -> {}).run();
    return settings;
  }

  private static void assertRefused(PostgresSettings settings, String words, String remedy) {
    assertThat(DatabaseCheck.run(settings))
        .isInstanceOfSatisfying(
            Finding.Unfit.class, unfit -> assertThat(unfit.reason()).contains(words, remedy));
    assertThatThrownBy(() -> PostgresJournal.open(settings, "one", Databases.TIME).close())
        .isInstanceOf(UnusableDatabaseException.class)
        .hasMessageContaining(words)
        .hasMessageContaining(remedy);
  }
}
