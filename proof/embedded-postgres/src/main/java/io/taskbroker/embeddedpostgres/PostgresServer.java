package io.taskbroker.embeddedpostgres;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres server that listens on 127.0.0.1, with its data in a folder of its own.
 *
 * <p>The superuser {@value #SUPERUSER} needs no password, every other user does. The server does
 * not wait for the disk: what it calls durable survives its own crash, and no power cut.
 */
public final class PostgresServer implements AutoCloseable {
  public static final String SUPERUSER = "postgres";

  private static final Duration LONGEST_START = Duration.ofMinutes(2);
  private static final String WHO_MAY =
      """
      local all all trust
      host all postgres 127.0.0.1/32 trust
      host all all 127.0.0.1/32 scram-sha-256
      """;

  private static @Nullable PostgresServer shared;

  private final Path data;
  private final Map<String, String> settings;
  private final AtomicInteger databases = new AtomicInteger();
  private EmbeddedPostgres server;
  private final int port;

  private PostgresServer(Path data, Map<String, String> settings) {
    this.data = data;
    this.settings = settings;
    this.server = launch(0);
    this.port = server.getPort();
  }

  /** Starts a server with these settings in its configuration. */
  public static PostgresServer start(Map<String, String> settings) {
    try {
      return new PostgresServer(Files.createTempDirectory("postgres"), settings);
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for a server", e);
    }
  }

  /** The server of all tests of this process, which ends with it. */
  public static synchronized PostgresServer shared() {
    PostgresServer running = shared;
    if (running == null) {
      running = start(Map.of());
      Runtime.getRuntime().addShutdownHook(new Thread(running::close, "postgres-end"));
      shared = running;
    }
    return running;
  }

  private EmbeddedPostgres launch(int wantedPort) {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setCleanDataDirectory(false)
            .setRegisterShutdownHook(false)
            .setPGStartupWait(LONGEST_START)
            .setDataDirectoryCustomizer(PostgresServer::letIn)
            .setServerConfig("fsync", "off")
            .setServerConfig("max_connections", "200")
            .setServerConfig("unix_socket_directories", data.toString());
    settings.forEach(builder::setServerConfig);
    if (wantedPort != 0) {
      builder.setPort(wantedPort);
    }
    try {
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("Postgres did not start in " + data, e);
    }
  }

  private static void letIn(File folder) {
    try {
      Files.writeString(folder.toPath().resolve("pg_hba.conf"), WHO_MAY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public int port() {
    return port;
  }

  /** The folder of its data, in which its Unix socket is, too. */
  public Path folder() {
    return data;
  }

  /** Creates an empty database, and returns its name. */
  public String createDatabase() {
    return createDatabase("template1");
  }

  /** Creates a copy of a database to which nobody is connected, and returns its name. */
  public String createDatabase(String template) {
    String name = "db" + databases.incrementAndGet();
    run("postgres", "CREATE DATABASE %s TEMPLATE %s".formatted(name, template));
    return name;
  }

  /** A connection of the superuser's. */
  public Connection connect(String database) throws SQLException {
    return server.getDatabase(SUPERUSER, database).getConnection();
  }

  /** Runs statements as the superuser, each committed by itself. */
  public void run(String database, String... statements) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the server refused " + List.of(statements), e);
    }
  }

  /** The first column of what a query of the superuser's gives. */
  public List<String> ask(String database, String query) {
    try (Connection connection = connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(query)) {
      List<String> answers = new ArrayList<>();
      while (rows.next()) {
        answers.add(String.valueOf(rows.getString(1)));
      }
      return answers;
    } catch (SQLException e) {
      throw new IllegalStateException("the server refused " + query, e);
    }
  }

  /**
   * Ends all its processes at once, without a word to their clients, as a crash would. What it has
   * not written to its log is gone.
   */
  public void crash() {
    ProcessHandle main = process();
    List<ProcessHandle> all = new ArrayList<>(main.descendants().toList());
    all.addFirst(main);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
    stop(); // lets its folder go, and finds that nothing runs
  }

  private ProcessHandle process() {
    try {
      long id = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).getFirst());
      return ProcessHandle.of(id).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException("the server does not run", e);
    }
  }

  /** Starts it again on its port after {@link #crash} or {@link #stop}. */
  public void startAgain() {
    server = launch(port);
  }

  /** Stops it as an operator would: its clients' sessions end. */
  public void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    stop();
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the folder of the server is left", e);
    }
  }
}
