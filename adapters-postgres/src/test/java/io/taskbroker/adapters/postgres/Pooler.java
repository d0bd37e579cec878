package io.taskbroker.adapters.postgres;

import io.taskbroker.embeddedpostgres.PostgresServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A PgBouncer of this machine before a server, which hands sessions on after each transaction.
 * Tests that need one are skipped where there is none. The variable {@code PGBOUNCER} of the
 * environment may name another than the installed one.
 */
final class Pooler implements AutoCloseable {
  private static final Pattern VERSION = Pattern.compile("PgBouncer (\\d+)\\.(\\d+)");

  /** The first one that can keep prepared statements: 1.21. */
  private static final int PREPARES = 1_021;

  private static final String NOTHING_MORE = "";
  private static final String KEEPS_STATEMENTS = "max_prepared_statements = 100";

  private final Process process;
  private final int port;

  private Pooler(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Starts one that knows no prepared statements. */
  static Pooler before(PostgresServer server, Path folder) {
    Path program = program();
    String forgets = version(program) < PREPARES ? NOTHING_MORE : "max_prepared_statements = 0";
    return start(program, server, folder, forgets);
  }

  /** Starts one that keeps prepared statements. */
  static Pooler preparing(PostgresServer server, Path folder) {
    return start(program(), server, folder, KEEPS_STATEMENTS);
  }

  /** Whether this machine has one. */
  static boolean isThere() {
    return found().isPresent();
  }

  /** Whether this machine has one that can keep prepared statements. */
  static boolean isThereAndPrepares() {
    return found().filter(program -> version(program) >= PREPARES).isPresent();
  }

  private static Path program() {
    return found().orElseThrow();
  }

  private static Optional<Path> found() {
    String other = System.getenv("PGBOUNCER");
    return Stream.of(other == null ? "" : other, "/usr/sbin/pgbouncer", "/usr/bin/pgbouncer")
        .filter(path -> !path.isEmpty())
        .map(Path::of)
        .filter(Files::exists)
        .findFirst();
  }

  /** Such as 1021 for 1.21. */
  private static int version(Path program) {
    try {
      Process asked = new ProcessBuilder(program.toString(), "--version").start();
      String answer = new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      Matcher version = VERSION.matcher(answer);
      if (!version.find()) {
        throw new IllegalStateException("not the version of a PgBouncer: " + answer);
      }
      return Integer.parseInt(version.group(1)) * 1_000 + Integer.parseInt(version.group(2));
    } catch (IOException e) {
      throw new UncheckedIOException("no pooler", e);
    }
  }

  private static Pooler start(Path program, PostgresServer server, Path folder, String more) {
    try {
      int port = freePort();
      Path settings =
          Files.writeString(
              folder.resolve("pgbouncer-%d.ini".formatted(port)),
              settings(server.port(), port, more));
      Process process =
          new ProcessBuilder(program.toString(), settings.toString())
              .redirectErrorStream(true)
              .start();
      awaitIts(process);
      return new Pooler(process, port);
    } catch (IOException e) {
      throw new UncheckedIOException("no pooler", e);
    }
  }

  /** A pooler that the superuser starts goes on as {@code nobody}. */
  private static String settings(int server, int port, String more) {
    return """
    [databases]
    * = host=127.0.0.1 port=%d user=postgres
    [pgbouncer]
    listen_addr = 127.0.0.1
    listen_port = %d
    unix_socket_dir =
    user = nobody
    auth_type = any
    pool_mode = transaction
    default_pool_size = 5
    server_login_retry = 0
    ignore_startup_parameters = extra_float_digits
    %s
    """
        .formatted(server, port, more);
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  /** Reads what it says until it serves, and lets it talk on. */
  private static void awaitIts(Process process) throws IOException {
    var words =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    var said = new StringBuilder();
    String line = words.readLine();
    while (line != null && !line.contains("process up")) {
      said.append(line).append('\n');
      line = words.readLine();
    }
    if (line == null) {
      throw new IllegalStateException("the pooler has ended: " + said);
    }
    Thread.ofVirtual().name("pooler-words").start(() -> words.lines().forEach(ignored -> {}));
  }

  int port() {
    return port;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
