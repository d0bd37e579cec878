package io.taskbroker.adapters.postgres;

import java.time.Duration;
import java.util.Map;

/**
 * A database that brokers share, and how to reach it. Prints no password.
 *
 * @param worker who the broker is at work
 * @param migrator who it is when it creates and migrates the database
 * @param parameters more of the connection
 * @param orphanAge how long a partition may be free before a broker takes it that does not read its
 *     topic
 * @param runMigrations whether the database is created and migrated at each start
 */
public record PostgresSettings(
    PostgresPlace place,
    Login worker,
    Login migrator,
    ConnectionParameters parameters,
    boolean runMigrations,
    Repetition repetition,
    Duration orphanAge) {
  /** How long a start waits for a server that refuses connections or is starting itself. */
  static final Duration LONGEST_WAIT_AT_START = Duration.ofSeconds(30);

  /** The same, with what the environment says of connections. */
  public PostgresSettings over(Map<String, String> environment) {
    return new PostgresSettings(
        place,
        worker,
        migrator,
        parameters.over(environment),
        runMigrations,
        repetition,
        orphanAge);
  }

  /** The login that a connection is made with; parameters may name another user. */
  Login workerLogin() {
    return parameters.overriding(worker);
  }

  Login migratorLogin() {
    return parameters.overriding(migrator);
  }

  /** The place that is connected to; parameters may name another host. */
  PostgresPlace server() {
    return parameters.overriding(place);
  }
}
