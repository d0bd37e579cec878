package io.taskbroker.settings;

import io.taskbroker.adapters.postgres.ConnectionParameters;
import io.taskbroker.settings.reading.DurationTypes;
import io.taskbroker.settings.reading.Node;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import java.time.Duration;
import java.util.List;

/** A store in Postgres: where it is, and how patient its brokers are. */
final class PostgresKeys {
  private static final Type<String> PARAMETERS =
      new Type<>("parameters such as k=v&k2=v2", PostgresKeys::parameters, text -> text);

  static final Setting<Duration> CONTENTION_DRAIN_AGE =
      Setting.of("store.contention_drain_age_sec", DurationTypes.SECONDS, Duration.ofSeconds(60))
          .means(
              "Postgres: how long a partition's tasks may be without an owner before another broker"
                  + " takes them, though it does not read the topic.");
  static final Setting<Long> RETRY_MAX_RETRIES =
      Setting.of("store.retry.max_retries", NumberTypes.COUNT, 3L)
          .must("be below 2^32", retries -> retries < 1L << 32)
          .formerly("db_query_max_retries")
          .means(
              "Postgres: how often a group of changes is repeated that the server has broken off,"
                  + " to end a deadlock for example.");
  static final Setting<Duration> RETRY_DELAY =
      Setting.of("store.retry.delay", DurationTypes.DURATION_TEXT, Duration.ofMillis(100))
          .formerly("db_query_retry_delay_ms", DurationTypes.MILLIS)
          .means("Postgres: about how long it rests before that.");
  static final Setting<Boolean> RUN_MIGRATIONS =
      Setting.of("store.pg.run_migrations", Type.FLAG, false)
          .formerly("run_migrations")
          .means(
              "Whether the database is created and migrated at each start, as with"
                  + " `--run migrations`.");
  static final Setting<String> HOST =
      Setting.of("store.pg.host", TextTypes.TEXT, "sentry-postgres-1")
          .formerly("pg_host")
          .means(
              "The server's name or address; several with commas between them for a server with"
                  + " stand-bys: the one that takes writes is used. All have the port"
                  + " `store.pg.port`.");
  static final Setting<Integer> PORT =
      Setting.of("store.pg.port", NumberTypes.between(0, 65_535), 5432)
          .formerly("pg_port")
          .means("The port of the server, and of each of several.");
  static final Setting<String> USERNAME =
      Setting.of("store.pg.username", TextTypes.TEXT, "postgres")
          .formerly("pg_username")
          .means("Who the broker is at work.");
  static final Setting<String> PASSWORD =
      Setting.of("store.pg.password", TextTypes.TEXT, "password")
          .formerly("pg_password")
          .secret()
          .means("How it proves that.");
  static final Setting<String> DDL_USERNAME =
      Setting.of("store.pg.ddl_username", TextTypes.TEXT, "postgres")
          .formerly("pg_ddl_username")
          .means("Who the broker is when it creates and migrates the database.");
  static final Setting<String> DDL_PASSWORD =
      Setting.of("store.pg.ddl_password", TextTypes.TEXT, "password")
          .formerly("pg_ddl_password")
          .secret()
          .means("How it proves that.");
  static final Setting<String> DATABASE =
      Setting.of("store.pg.database_name", TextTypes.TEXT, "default")
          .formerly("pg_database_name")
          .means("The database; one for all brokers that serve the same workers.");
  static final Setting<String> DEFAULT_DATABASE =
      Setting.of("store.pg.default_database_name", TextTypes.TEXT, "postgres")
          .formerly("pg_default_database_name")
          .means("The database to connect to for creating it.");
  static final Setting<String> QUERY_PARAMS =
      Setting.optional("store.pg.query_params", PARAMETERS)
          .formerly("pg_extra_query_params")
          .secret()
          .means(
              "More of the connection, as `k=v&k2=v2`: `sslmode`, `sslrootcert`, `sslcert`,"
                  + " `sslkey`, `application_name`, `options`, `statement-cache-capacity`.");

  static final List<Setting<?>> ALL =
      List.of(
          CONTENTION_DRAIN_AGE,
          RETRY_MAX_RETRIES,
          RETRY_DELAY,
          HOST,
          PORT,
          USERNAME,
          PASSWORD,
          DATABASE,
          QUERY_PARAMS,
          RUN_MIGRATIONS,
          DDL_USERNAME,
          DDL_PASSWORD,
          DEFAULT_DATABASE);

  private PostgresKeys() {}

  private static String parameters(Node node) throws Type.Unfit {
    String text = TextTypes.TEXT.parser().parse(node);
    try {
      ConnectionParameters.parse(text);
      return text;
    } catch (IllegalArgumentException e) {
      throw new Type.Unfit(String.valueOf(e.getMessage()));
    }
  }
}
