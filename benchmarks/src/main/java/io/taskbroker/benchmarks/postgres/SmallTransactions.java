package io.taskbroker.benchmarks.postgres;

import io.taskbroker.embeddedpostgres.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/**
 * What a server does in small transactions: {@code pgbench -N -c 64 -M prepared}, which updates a
 * row, reads it, and inserts one. Where there is no pgbench on the PATH, 64 connections of this
 * process do the same.
 */
final class SmallTransactions {
  private static final int CLIENTS = 64;

  /** Rows that pgbench makes by default. */
  private static final int ACCOUNTS = 100_000;

  private static final Pattern TPS = Pattern.compile("(?m)^tps = ([0-9.]+)");

  private static final String[] IMITATED = {
    "CREATE TABLE account (aid integer NOT NULL, balance integer, filler char(84))"
        + " WITH (fillfactor = 100)",
    "INSERT INTO account SELECT n, 0, '' FROM generate_series(1, %d) AS n".formatted(ACCOUNTS),
    "ALTER TABLE account ADD PRIMARY KEY (aid)",
    "CREATE TABLE history (tid integer, bid integer, aid integer, delta integer,"
        + " mtime timestamp, filler char(22))",
    "VACUUM ANALYZE account"
  };

  private final PostgresServer server;
  private final ServerCpu cpu;
  private final String database;
  private final boolean isPgbench;

  private SmallTransactions(
      PostgresServer server, ServerCpu cpu, String database, boolean isPgbench) {
    this.server = server;
    this.cpu = cpu;
    this.database = database;
    this.isPgbench = isPgbench;
  }

  /** Makes the tables in a database of their own. */
  static SmallTransactions prepare(PostgresServer server, ServerCpu cpu) {
    String database = server.createDatabase();
    boolean isPgbench = isOnPath("pgbench");
    var transactions = new SmallTransactions(server, cpu, database, isPgbench);
    if (isPgbench) {
      String _ = transactions.pgbench("", List.of("--initialize", "--quiet"));
    } else {
      server.run(database, IMITATED);
    }
    return transactions;
  }

  private static boolean isOnPath(String program) {
    String path = System.getenv("PATH");
    return path != null
        && Pattern.compile(":")
            .splitAsStream(path)
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }

  /** What is measured, for people. */
  String described() {
    return isPgbench
        ? "pgbench -N -c 64 -M prepared"
        : "an imitation of pgbench -N -c 64 -M prepared, as pgbench is not on the PATH";
  }

  /**
   * @param synchronousCommit as the server has it: {@code on} or {@code off}
   */
  Pace measure(String synchronousCommit, Duration measured) {
    Duration before = cpu.used();
    if (isPgbench) {
      String said =
          pgbench(
              "-c synchronous_commit=" + synchronousCommit,
              List.of("-N", "-c", "64", "-M", "prepared", "-T", "" + measured.toSeconds()));
      long done = Math.round(tps(said) * measured.toSeconds());
      return new Pace(done, measured, cpu.used().minus(before), new Histogram(3));
    }
    long start = System.nanoTime();
    long done = imitate(synchronousCommit, start + measured.toNanos());
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    return new Pace(done, took, cpu.used().minus(before), new Histogram(3));
  }

  /** The transactions a second that pgbench tells of. */
  static double tps(String said) {
    Matcher line = TPS.matcher(said);
    if (!line.find()) {
      throw new IllegalStateException("pgbench did not say how fast it was: " + said);
    }
    return Double.parseDouble(line.group(1));
  }

  private String pgbench(String options, List<String> words) {
    List<String> command = new ArrayList<>(List.of("pgbench", "-h", "127.0.0.1"));
    command.addAll(List.of("-p", "" + server.port(), "-U", PostgresServer.SUPERUSER));
    command.addAll(words);
    command.add(database);
    try {
      ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
      builder.environment().put("PGOPTIONS", options);
      Process process = builder.start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int code = process.waitFor();
      if (code != 0) {
        throw new IllegalStateException("pgbench ended with " + code + ": " + said);
      }
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException("pgbench cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while pgbench ran", e);
    }
  }

  private long imitate(String synchronousCommit, long endNanos) {
    var done = new LongAdder();
    CompletableFuture.allOf(
            IntStream.range(0, CLIENTS)
                .mapToObj(
                    client ->
                        CompletableFuture.runAsync(
                            () -> transact(client, synchronousCommit, endNanos, done),
                            work -> Thread.ofPlatform().name("client").start(work)))
                .toArray(CompletableFuture<?>[]::new))
        .join();
    return done.sum();
  }

  private void transact(int client, String synchronousCommit, long endNanos, LongAdder done) {
    var random = new Random(client);
    try (Connection connection = server.connect(database);
        Statement setting = connection.createStatement();
        PreparedStatement update =
            connection.prepareStatement("UPDATE account SET balance = balance + ? WHERE aid = ?");
        PreparedStatement read =
            connection.prepareStatement("SELECT balance FROM account WHERE aid = ?");
        PreparedStatement insert =
            connection.prepareStatement(
                "INSERT INTO history (tid, bid, aid, delta, mtime)"
                    + " VALUES (1, 1, ?, ?, CURRENT_TIMESTAMP)")) {
      setting.execute("SET synchronous_commit = " + synchronousCommit);
      connection.setAutoCommit(false);
      while (System.nanoTime() - endNanos < 0) {
        int account = 1 + random.nextInt(ACCOUNTS);
        int delta = random.nextInt(10_001) - 5_000;
        update.setInt(1, delta);
        update.setInt(2, account);
        update.executeUpdate();
        read.setInt(1, account);
        try (ResultSet row = read.executeQuery()) {
          row.next();
        }
        insert.setInt(1, account);
        insert.setInt(2, delta);
        insert.executeUpdate();
        connection.commit();
        done.increment();
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the server refused a small transaction", e);
    }
  }
}
