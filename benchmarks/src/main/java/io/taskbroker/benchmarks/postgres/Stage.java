package io.taskbroker.benchmarks.postgres;

import io.taskbroker.adapters.postgres.ConnectionParameters;
import io.taskbroker.adapters.postgres.Login;
import io.taskbroker.adapters.postgres.Migrations;
import io.taskbroker.adapters.postgres.PostgresPlace;
import io.taskbroker.adapters.postgres.PostgresSettings;
import io.taskbroker.adapters.postgres.Repetition;
import io.taskbroker.benchmarks.Figures;
import io.taskbroker.benchmarks.Verdicts;
import io.taskbroker.benchmarks.broker.BrokerOptions;
import io.taskbroker.embeddedpostgres.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What all parts are played on: a server on this machine, with the memory that docs/postgres.md
 * tells to give it, and as it is by default in all else that was not asked for.
 *
 * @param settings of the server, by their names, that were asked for
 * @param options of the packaged broker
 */
record Stage(
    PostgresServer server,
    Map<String, String> settings,
    ServerCpu cpu,
    Figures figures,
    Verdicts verdicts,
    Lengths lengths,
    BrokerOptions options)
    implements AutoCloseable {
  /**
   * What tests do without and users do not: waits for the disk, and the memory of a server that
   * does thousands of tasks a second. 2 GB are a quarter of a machine with 8 GB.
   */
  private static final Map<String, String> USERS =
      Map.of(
          "fsync",
          "on",
          "synchronous_commit",
          "on",
          "shared_buffers",
          "2GB",
          "max_wal_size",
          "8GB");

  /** Made by parts. */
  private static final String ALL =
      "SELECT datname FROM pg_database WHERE datname <> 'postgres' AND NOT datistemplate";

  private static final Duration WARMUP = Duration.ofSeconds(6);
  private static final Login SUPERUSER = new Login(PostgresServer.SUPERUSER, "");

  static Stage open(
      Figures figures, Map<String, String> settings, Lengths lengths, BrokerOptions options) {
    PostgresServer server = startServer(settings);
    var cpu = new ServerCpu(server.process());
    var stage = new Stage(server, settings, cpu, figures, new Verdicts(figures), lengths, options);
    figures.remark(
        "Postgres %s, shared_buffers %s, max_wal_size %s, fsync %s, synchronous_commit %s, %s;"
            .formatted(
                stage.show("server_version"),
                stage.show("shared_buffers"),
                stage.show("max_wal_size"),
                stage.show("fsync"),
                stage.show("synchronous_commit"),
                settings.isEmpty() ? "all else by default" : "asked for: " + settings));
    figures.remark(
        "server, callers and all else on one machine: %d processors (%s), Linux %s"
            .formatted(
                Runtime.getRuntime().availableProcessors(),
                processor(),
                System.getProperty("os.version")));
    return stage;
  }

  /** One more server, with the same settings. */
  PostgresServer another() {
    return startServer(settings);
  }

  /** It does not outlive this process. */
  private static PostgresServer startServer(Map<String, String> settings) {
    Map<String, String> all = new TreeMap<>(USERS);
    all.putAll(settings);
    PostgresServer server = PostgresServer.start(all);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server), "postgres-end"));
    return server;
  }

  private static void end(PostgresServer server) {
    if (server.process().isAlive()) {
      server.close();
    }
  }

  private String show(String setting) {
    return server.ask("postgres", "SHOW " + setting).getFirst();
  }

  private static String processor() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException _) {
      return "unknown";
    }
  }

  /** A new database with our tables in it, reached directly. */
  PostgresSettings migrated() {
    PostgresSettings database = reached(server.createDatabase(), server.port());
    new Migrations(database, SystemTime.INSTANCE, _ -> {}).run();
    return database;
  }

  /** The database of other settings, reached through a link. */
  static PostgresSettings through(SlowLink link, PostgresSettings direct) {
    return reached(direct.place().database(), link.port());
  }

  private static PostgresSettings reached(String database, int port) {
    return new PostgresSettings(
        new PostgresPlace("127.0.0.1", port, database, "postgres"),
        SUPERUSER,
        SUPERUSER,
        ConnectionParameters.NONE,
        false,
        Repetition.DEFAULT,
        Duration.ofSeconds(60));
  }

  /** Lets this process's compilers see what is measured afterwards. */
  void warmUp() {
    try (Load load = Load.on(OwnBroker.open(migrated(), 0), 1_000)) {
      figures.remark("warm-up: " + Pace.of(List.of(load), cpu, Lengths.BEFORE, WARMUP));
    }
  }

  Pace measure(Load load) {
    return measure(List.of(load));
  }

  /** How loads do together. */
  Pace measure(List<Load> loads) {
    return Pace.of(loads, cpu, Lengths.BEFORE, lengths.measured());
  }

  /**
   * Drops all databases, and writes down what is left to be written: cleaning up after one part
   * would cost the next one processor time and the disk.
   */
  void clear() {
    for (String database : server.ask("postgres", ALL)) {
      server.run("postgres", "DROP DATABASE " + database + " WITH (FORCE)");
    }
    server.run("postgres", "CHECKPOINT");
  }

  /** What is not in its files yet would keep the server from stopping in time. */
  @Override
  public void close() {
    server.run("postgres", "CHECKPOINT");
    server.close();
  }
}
