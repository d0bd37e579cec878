package io.taskbroker.proving.shared;

import io.taskbroker.embeddedpostgres.PostgresServer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** A Postgres server of one scenario's own, and the database on it that its brokers share. */
final class SharedDatabase implements AutoCloseable {
  private final PostgresServer server;
  private final String name;
  private final Thread atTheEnd;
  private final AtomicBoolean closed = new AtomicBoolean();

  private SharedDatabase(PostgresServer server, String name) {
    this.server = server;
    this.name = name;
    this.atTheEnd = new Thread(this::stop, "postgres-end");
    Runtime.getRuntime().addShutdownHook(atTheEnd);
  }

  /**
   * Starts a server and creates an empty database.
   *
   * @param settings of the server that are not its defaults
   */
  static SharedDatabase start(Map<String, String> settings) {
    PostgresServer server = PostgresServer.start(settings);
    return new SharedDatabase(server, server.createDatabase());
  }

  /** Starts a server. The database is not there: brokers create it. */
  static SharedDatabase startWithout(String name) {
    return new SharedDatabase(PostgresServer.start(Map.of()), name);
  }

  PostgresServer server() {
    return server;
  }

  String name() {
    return name;
  }

  /** The store of a broker that brings the tables with it. */
  Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("store.adapter", "postgres");
    settings.put("store.pg.run_migrations", true);
    settings.put("store.pg.host", "127.0.0.1");
    settings.put("store.pg.port", server.port());
    settings.put("store.pg.database_name", name);
    settings.put("store.pg.query_params", "sslmode=disable");
    settings.put("store.processing_deadline_grace_sec", 0);
    settings.put("upkeep_deadline_reset_skip_after_startup_sec", 1);
    settings.put("upkeep_task_interval_ms", 200);
    settings.put("kafka_auto_offset_reset", "earliest");
    return settings;
  }

  void run(String... statements) {
    server.run(name, statements);
  }

  List<String> ask(String query) {
    return server.ask(name, query);
  }

  /** The number that a query gives. */
  long count(String query) {
    return Long.parseLong(ask(query).getFirst());
  }

  /** Tasks that are not over, as other programs see them. */
  long unfinished() {
    return count("SELECT count(*) FROM inflight_taskactivations");
  }

  private void stop() {
    if (closed.compareAndSet(false, true)) {
      server.close();
    }
  }

  @Override
  public void close() {
    stop();
    Runtime.getRuntime().removeShutdownHook(atTheEnd);
  }
}
