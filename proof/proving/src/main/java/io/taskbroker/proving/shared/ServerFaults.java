package io.taskbroker.proving.shared;

import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.proving.shared.FaultGround.Commits;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.process.Waiting;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** What happens to the server, one after the other. */
final class ServerFaults {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final String OTHERS =
      "application_name LIKE 'taskbroker/%' AND pid <> pg_backend_pid()";

  private final Stage stage;
  private final FaultGround ground;
  private final Verdict verdict;
  private final SharedDatabase database;
  private final PostgresServer server;

  ServerFaults(Stage stage, FaultGround ground, Verdict verdict) {
    this.stage = stage;
    this.ground = ground;
    this.verdict = verdict;
    this.database = ground.database();
    this.server = database.server();
  }

  void play() {
    ground.play("killed", Commits.MAY_BE_LOST, "is stalled", this::kill);
    ground.playOnBacklog("forgetful", Commits.MAY_BE_LOST, "has lost", this::forget);
    ground.play("restarted", Commits.KEPT, "is stalled", this::restart);
    ground.play("read_only", Commits.KEPT, "read-only transaction", this::turnReadOnly);
    playFull();
    ground.play("connections", Commits.KEPT, "too many clients", this::takeAllConnections);
    ground.play("cut", Commits.KEPT, "goes on by itself", this::cut);
    ground.play("terminated", Commits.KEPT, "goes on by itself", this::terminate);
    ground.play("locked", Commits.KEPT, "is stalled", this::lock);
    ground.play("away", Commits.KEPT, "is stalled", this::stayAway);
  }

  private void kill() {
    for (int i = 0; i < stage.some(3, 1); i++) {
      crash();
      Waiting.pause(Duration.ofSeconds(2));
    }
  }

  private void crash() {
    server.crash();
    server.startAgain();
  }

  /** Some time after the last commit that anybody has waited for. */
  private void forget() {
    Waiting.pause(Duration.ofMillis(500));
    crash();
  }

  private void restart() {
    server.stop();
    server.startAgain();
  }

  /** Longer than a broker stays in its consumer group without the server. */
  private void stayAway() {
    server.stop();
    Waiting.pause(Duration.ofSeconds(stage.some(35, 4)));
    server.startAgain();
  }

  private void turnReadOnly() {
    set("default_transaction_read_only = on");
    Waiting.pause(Duration.ofSeconds(stage.some(10, 3)));
    set("default_transaction_read_only = off");
  }

  private void set(String setting) {
    try (Connection connection = server.connect("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute("SET default_transaction_read_only = off");
      statement.execute("ALTER SYSTEM SET " + setting);
      statement.execute("SELECT pg_reload_conf()");
    } catch (SQLException e) {
      throw new IllegalStateException("the server refused " + setting, e);
    }
  }

  private void playFull() {
    SmallTablespace tablespace = ground.tablespace();
    if (tablespace == null) {
      verdict.skip("out of disk", SmallTablespace.NEEDS);
      return;
    }
    ground.play(
        "full",
        Commits.KEPT,
        "No space left on device",
        () -> {
          tablespace.fill();
          Waiting.pause(Duration.ofSeconds(stage.some(15, 8)));
          tablespace.empty();
        });
  }

  /** Ends the brokers' sessions, and has all that the server lets in before they come back. */
  private void takeAllConnections() {
    List<Connection> taken = new ArrayList<>();
    try (Connection own = server.connect("postgres");
        Statement statement = own.createStatement()) {
      long end = System.nanoTime() + Duration.ofSeconds(stage.some(10, 4)).toNanos();
      while (System.nanoTime() - end < 0) {
        statement.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE " + OTHERS);
        takeAllThatAreFree(taken);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("the server does not answer", e);
    } finally {
      for (Connection connection : taken) {
        close(connection);
      }
    }
  }

  private void takeAllThatAreFree(List<Connection> taken) {
    try {
      while (true) {
        taken.add(server.connect("postgres"));
      }
    } catch (SQLException _) {
      Waiting.pause(Duration.ofMillis(50)); // there are no more
    }
  }

  private static void close(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      throw new IllegalStateException("a connection stays open", e);
    }
  }

  /** At each message of a group, on its way and back, before and after it. */
  private void cut() {
    int messages = stage.some(24, 3);
    int cuts = 0;
    for (Cutter.Where where : Cutter.Where.values()) {
      for (int message = 1; message <= messages; message++) {
        ground.cutter().cut(where, message);
        Waiting.until("a group was cut", PATIENCE, ground.cutter()::isDone);
        cuts++;
      }
    }
    verdict.show("cut.cuts", cuts);
  }

  /** Sessions at random, idle ones within a transaction first, and all at once at last. */
  private void terminate() {
    Random random = stage.random();
    int inTransaction = 0;
    for (int i = 0; i < stage.some(40, 10); i++) {
      List<String> idle = sessions("state = 'idle in transaction'");
      inTransaction += idle.isEmpty() ? 0 : 1;
      List<String> some = idle.isEmpty() ? sessions("true") : idle;
      if (!some.isEmpty()) {
        end("pid = " + some.get(random.nextInt(some.size())));
      }
      Waiting.pause(Duration.ofMillis(random.nextLong(50, 400)));
    }
    end("query LIKE '%taskbroker_heartbeat%'");
    Waiting.pause(Duration.ofSeconds(1));
    end("true");
    verdict.show("terminated.in_transaction", inTransaction);
  }

  private List<String> sessions(String which) {
    return database.ask(
        "SELECT pid FROM pg_stat_activity WHERE %s AND %s".formatted(OTHERS, which));
  }

  private void end(String which) {
    database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE %s AND %s"
            .formatted(OTHERS, which));
  }

  private void lock() {
    try (Connection connection = server.connect(database.name());
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("LOCK TABLE taskbroker_task IN ACCESS EXCLUSIVE MODE");
      Waiting.pause(Duration.ofSeconds(stage.some(30, 17)));
      connection.rollback();
    } catch (SQLException e) {
      throw new IllegalStateException("the table cannot be locked", e);
    }
  }
}
