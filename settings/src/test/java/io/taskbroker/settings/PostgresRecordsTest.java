package io.taskbroker.settings;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.adapters.postgres.ConnectionParameters;
import io.taskbroker.adapters.postgres.Login;
import io.taskbroker.adapters.postgres.PostgresPlace;
import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.adapters.postgres.Repetition;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class PostgresRecordsTest {
  @Test
  void aFileNeedsNothingOfIt_rightOrWrong() {
    assertThat(Reading.load("store: {pg: {host: /run/postgresql}}\n").settings().postgres())
        .isEmpty();
  }

  @Test
  void itsDefaultsAreThoseOfTheReference() {
    assertThat(settings("store: {adapter: postgres}\n"))
        .isEqualTo(
            new PostgresSettings(
                new PostgresPlace("sentry-postgres-1", 5432, "default", "postgres"),
                new Login("postgres", "password"),
                new Login("postgres", "password"),
                ConnectionParameters.NONE,
                false,
                new Repetition(3, Duration.ofMillis(100)),
                Duration.ofSeconds(60)));
  }

  @Test
  void eachKeyHasItsPlace() {
    assertThat(
            settings(
                """
                store:
                  adapter: postgres
                  contention_drain_age_sec: 7
                  retry: {max_retries: 0, delay: 1s}
                  pg:
                    run_migrations: true
                    host: db
                    port: 6432
                    username: u
                    password: p
                    ddl_username: du
                    ddl_password: dp
                    database_name: d
                    default_database_name: dd
                    query_params: sslmode=require
                """))
        .isEqualTo(
            new PostgresSettings(
                new PostgresPlace("db", 6432, "d", "dd"),
                new Login("u", "p"),
                new Login("du", "dp"),
                ConnectionParameters.parse("sslmode=require"),
                true,
                new Repetition(0, Duration.ofSeconds(1)),
                Duration.ofSeconds(7)));
  }

  @Test
  void theEnvironmentSuppliesWhatTheParametersDoNot() {
    PostgresSettings settings =
        Reading.load(
                "store: {adapter: postgres, pg: {query_params: application_name=me}}\n",
                "PGSSLMODE=require",
                "PGAPPNAME=them",
                "PGHOST=elsewhere")
            .settings()
            .postgres()
            .orElseThrow();

    assertThat(settings.parameters())
        .isEqualTo(ConnectionParameters.parse("sslmode=require&application_name=me"));
    assertThat(settings.place().host()).isEqualTo("sentry-postgres-1");
  }

  @Test
  void whatIsMalformedIsAProblemOfItsKey() {
    assertThat(Reading.load("store: {pg: {query_params: sslmode=always}}\n").problems())
        .singleElement()
        .asString()
        .startsWith("store.pg.query_params (")
        .contains("sslmode must be");
    assertThat(Reading.load("store: {adapter: postgres, pg: {host: /run}}\n").problems())
        .singleElement()
        .asString()
        .contains("store.pg", "Unix socket");
  }

  @Test
  void whatNobodyKnowsIsAWarning() {
    assertThat(Reading.load("store: {pg: {query_params: keepalives=1}}\n").warnings())
        .anyMatch(
            warning ->
                warning.startsWith("store.pg.query_params (") && warning.contains("'keepalives'"));
  }

  private static PostgresSettings settings(String yaml) {
    return Reading.load(yaml).settings().postgres().orElseThrow();
  }
}
