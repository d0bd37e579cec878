package io.taskbroker.embeddedpostgres;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import io.zonky.test.db.postgres.embedded.PgBinaryResolver;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A Postgres server that listens on 127.0.0.1, with its data in a folder of its own.
 *
 * <p>The superuser {@value #SUPERUSER} needs no password, every other user does. The server does
 * not wait for the disk: what it calls durable survives its own crash, and no power cut. It ends
 * with this process, also if that is killed.
 */
public final class PostgresServer implements AutoCloseable {
  public static final String SUPERUSER = "postgres";

  /** The stand-by's name among those who follow a server. */
  public static final String STANDBY = "standby";

  private static final Duration LONGEST_START = Duration.ofMinutes(2);
  private static final Duration LONGEST_END = Duration.ofSeconds(10);
  private static final String WHO_MAY =
      """
      local all all trust
      host all postgres 127.0.0.1/32 trust
      host all all 127.0.0.1/32 scram-sha-256
      host replication postgres 127.0.0.1/32 trust
      """;

  private static @Nullable PostgresServer shared;
  private static @Nullable PostgresServer sharedNewer;

  private final Path data;
  private final Map<String, String> settings;
  private final PgBinaryResolver binaries;
  private final AtomicInteger databases = new AtomicInteger();
  private final int port;
  private EmbeddedPostgres server;
  private ProcessHandle main;
  private EndWithUs end;

  private PostgresServer(Path data, Map<String, String> settings, PgBinaryResolver binaries) {
    this.data = data;
    this.settings = settings;
    this.binaries = binaries;
    this.server = launch(0);
    this.port = server.getPort();
    this.main = readProcess(data);
    this.end = EndWithUs.of(data, main);
  }

  /** Starts a server with these settings in its configuration. */
  public static PostgresServer start(Map<String, String> settings) {
    return start(settings, DefaultPostgresBinaryResolver.INSTANCE);
  }

  private static PostgresServer start(Map<String, String> settings, PgBinaryResolver binaries) {
    try {
      return new PostgresServer(Files.createTempDirectory("postgres"), settings, binaries);
    } catch (IOException e) {
      throw new UncheckedIOException("no folder for a server", e);
    }
  }

  /**
   * Starts a server whose data is in this folder, and stays there when it stops. One that an
   * earlier process has left running there is ended first.
   */
  public static PostgresServer startIn(Path data) {
    endLeftOver(data);
    return new PostgresServer(
        data, Map.of("unix_socket_directories", ""), DefaultPostgresBinaryResolver.INSTANCE);
  }

  private static void endLeftOver(Path data) {
    Path number = data.resolve("postmaster.pid");
    try {
      if (Files.exists(number)) {
        ProcessHandle.of(Long.parseLong(Files.readAllLines(number).getFirst()))
            .filter(PostgresServer::isServer)
            .ifPresent(PostgresServer::end);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("it is not known whether a server runs in " + data, e);
    }
  }

  /** By now the number may be another program's. */
  private static boolean isServer(ProcessHandle process) {
    return process.info().command().filter(program -> program.endsWith("postgres")).isPresent();
  }

  private static void end(ProcessHandle server) {
    boolean _ = server.destroy();
    try {
      var _ = server.onExit().get(LONGEST_END.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException _) {
      server.descendants().forEach(ProcessHandle::destroyForcibly);
      server.destroyForcibly();
      var _ = server.onExit().join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("the server that was left running does not end", e);
    }
  }

  /** The server of all tests of this process, which ends with it. */
  public static synchronized PostgresServer shared() {
    PostgresServer running = shared;
    if (running == null) {
      running = untilTheEnd(start(Map.of()));
      shared = running;
    }
    return running;
  }

  /** As {@link #shared}, of a newer version of Postgres. */
  public static synchronized PostgresServer sharedNewer() {
    PostgresServer running = sharedNewer;
    if (running == null) {
      running = untilTheEnd(start(Map.of(), NewerServer.BINARIES));
      sharedNewer = running;
    }
    return running;
  }

  /**
   * Starts a stand-by of this server, from a copy of its files. It follows once it is there, by
   * name {@value #STANDBY}, and takes no writes until {@code pg_promote()}.
   */
  public PostgresServer startStandby() {
    try (Connection connection = connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_backup_start('%s', true)".formatted(STANDBY));
      Path copy = Files.createTempDirectory(STANDBY);
      copyFiles(copy);
      try (ResultSet label =
          statement.executeQuery("SELECT labelfile FROM pg_backup_stop(false)")) {
        label.next();
        Files.writeString(copy.resolve("backup_label"), label.getString(1));
      }
      Files.createFile(copy.resolve("standby.signal"));
      Files.writeString(
          copy.resolve("postgresql.auto.conf"),
          "primary_conninfo = 'host=127.0.0.1 port=%d user=%s application_name=%s'\n"
              .formatted(port, SUPERUSER, STANDBY));
      return new PostgresServer(copy, settings, binaries);
    } catch (SQLException e) {
      throw new IllegalStateException("no copy of the server's files", e);
    } catch (IOException e) {
      throw new UncheckedIOException("no copy of the server's files", e);
    }
  }

  /** Without the log, which the stand-by asks for, and what says that this server runs. */
  private void copyFiles(Path copy) throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.toList()) {
        Path name = data.relativize(file);
        boolean isOfThisProcess =
            name.startsWith("postmaster.pid") || name.toString().startsWith(".s.PGSQL");
        if (Files.isDirectory(file)) {
          Files.createDirectories(copy.resolve(name));
        } else if (!isOfThisProcess && !name.startsWith("pg_wal") && Files.exists(file)) {
          Files.copy(file, copy.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static PostgresServer untilTheEnd(PostgresServer server) {
    Runtime.getRuntime().addShutdownHook(new Thread(server::leave, "postgres-end"));
    return server;
  }

  private EmbeddedPostgres launch(int wantedPort) {
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(data)
            .setPgBinaryResolver(binaries)
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
    List<ProcessHandle> all = new ArrayList<>(main.descendants().toList());
    all.addFirst(main);
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(process -> process.onExit().join());
    stop(); // lets its folder go, and finds that nothing runs
  }

  /** Its main process, whose children are all others; another one after each start. */
  public ProcessHandle process() {
    return main;
  }

  private static ProcessHandle readProcess(Path data) {
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
    main = readProcess(data);
    end = EndWithUs.of(data, main);
  }

  /** Stops it as an operator would: its clients' sessions end. */
  public void stop() {
    try {
      server.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      end.close();
    }
  }

  /** As {@link #close}, and waits for no removal: hundreds of databases have many files. */
  private void leave() {
    stop();
    try {
      new ProcessBuilder("rm", "-rf", data.toString()).start();
    } catch (IOException e) {
      throw new UncheckedIOException("the folder of the server is left", e);
    }
  }

  @Override
  public void close() {
    stop();
    main.onExit().join(); // it may write to its files for longer than it is waited for
    try (Stream<Path> files = Files.walk(data)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the folder of the server is left", e);
    }
  }
}
