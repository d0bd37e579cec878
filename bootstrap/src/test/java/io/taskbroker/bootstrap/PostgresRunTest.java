package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedpostgres.PostgresServer;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The broker as a process of its own, with a Postgres and without a Kafka. */
@Timeout(180)
class PostgresRunTest {
  private static final PostgresServer SERVER = PostgresServer.shared();

  @TempDir private Path folder;

  /** With capitals, and a word of SQL. */
  private final String database = "Select " + ProcessHandle.current().pid() + "." + hashCode();

  @BeforeEach
  void write() throws IOException {
    write("run_migrations: false");
  }

  private void write(String more) throws IOException {
    Files.writeString(
        folder.resolve("c.yml"),
        """
        kafka_cluster: 127.0.0.1:1
        grpc_port: %d
        store:
          adapter: postgres
          pg:
            host: 127.0.0.1
            port: %d
            username: postgres
            password: geheim
            ddl_username: postgres
            ddl_password: geheim
            database_name: "%s"
            %s
        """
            .formatted(freePort(), SERVER.port(), database, more));
  }

  @Test
  void migrationsCreateTheDatabase_andABrokerServesFromIt() throws Exception {
    try (OwnProcess migrations = start("-c", "c.yml", "--run", "migrations")) {
      assertThat(migrations.status()).isZero();
      assertThat(migrations.standardOutput())
          .contains("Creating database " + database, "Running migrations on database");
      assertThat(migrations.standardError()).doesNotContain("geheim");
    }
    try (OwnProcess broker = start("-c", "c.yml")) {
      broker.awaitError("Tasks are kept in " + database + " at 127.0.0.1:" + SERVER.port());
      broker.awaitError("Workers are served on");
      assertThat(sessions()).isBetween(1, 5);

      broker.signal("TERM");

      assertThat(broker.status()).isZero();
      assertThat(broker.standardError()).doesNotContain("geheim");
      assertThat(sessions()).isZero();
      assertThat(SERVER.ask(database, "SELECT count(*) FROM taskbroker_broker"))
          .containsExactly("0");
      assertThat(folder.resolve("taskbroker-inflight.sqlite")).doesNotExist();
    }
  }

  @Test
  void withoutTablesItDoesNotStart_andSaysWhatToDo() throws Exception {
    SERVER.run("postgres", "CREATE DATABASE \"" + database + "\"");

    try (OwnProcess broker = start("-c", "c.yml")) {
      assertThat(broker.status()).isEqualTo(1);
      assertThat(broker.lastLine()).contains("ERROR", "no tables", "--run migrations");
    }
  }

  @Test
  void itMigratesByItselfIfItIsTold() throws Exception {
    write("run_migrations: true");

    try (OwnProcess broker = start("-c", "c.yml")) {
      broker.awaitError("Workers are served on");
      broker.signal("TERM");
      assertThat(broker.status()).isZero();
    }
  }

  @Test
  void checkConfigConnectsIfItIsTold() throws Exception {
    assertThat(run("check-config").text())
        .contains("store:")
        .doesNotContain("to be mended", "reached", "geheim");
    assertThat(run("check-config", "--connect"))
        .satisfies(
            check -> {
              assertThat(check.status()).isEqualTo(1);
              assertThat(check.text()).contains("does not exist");
            });
    try (OwnProcess migrations = start("-c", "c.yml", "--run", "migrations")) {
      assertThat(migrations.status()).isZero();
    }
    assertThat(run("check-config", "--connect"))
        .satisfies(
            check -> {
              assertThat(check.status()).isZero();
              assertThat(check.text()).contains("store:", "reached:", "takes writes");
            });
  }

  private record Outcome(int status, String text) {}

  private Outcome run(String... command) {
    var out = new StringWriter();
    CommandLine line = TaskbrokerCommand.line(Map.of());
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of("-c", folder.resolve("c.yml").toString()));
    return new Outcome(line.execute(words.toArray(String[]::new)), out.toString());
  }

  @Test
  void parkedRowsAreThoseOfTheDatabase() throws Exception {
    assertThat(run("parked", "list", "--postgres"))
        .satisfies(
            list -> {
              assertThat(list.status()).isEqualTo(1);
              assertThat(list.text()).contains(database, "does not exist");
            });
    try (OwnProcess migrations = start("-c", "c.yml", "--run", "migrations")) {
      assertThat(migrations.status()).isZero();
    }
    SERVER.run(
        database,
        "INSERT INTO taskbroker_custody (topic, partition) VALUES ('tasks', 3)",
        """
        INSERT INTO taskbroker_task (key, custody, id, application, namespace, taskname,
               kafka_offset, received_at, added_at, processing_deadline_sec, at_most_once,
               on_attempts_exceeded, payload_bytes, bucket, status, attempts, parked, under_way,
               round)
        SELECT n, no, 'task-' || n, 'shop', 'mail', 'send', n, 1, 1, 10, false, 2, 7, 0, 5, 1,
               'no such topic', false, 0
          FROM taskbroker_custody, generate_series(1, 2) n\
        """);

    assertThat(run("parked", "list", "--postgres").text())
        .contains("task-1\n  dead letter of send, 7 bytes, from tasks/3 at 1\n  no such topic\n")
        .endsWith("2 parked\n");
    assertThat(run("parked", "drop", "--postgres", "task-2", "task-9"))
        .isEqualTo(
            new Outcome(
                1, "taskbroker: not parked in the database: task-9. Nothing was changed.\n"));
    assertThat(run("parked", "drop", "--postgres", "task-2"))
        .isEqualTo(new Outcome(0, "1 dropped\n"));
    assertThat(run("parked", "retry", "--postgres", "--all"))
        .isEqualTo(new Outcome(0, "1 to be tried again\n"));
    assertThat(run("parked", "list", "--postgres").text()).isEqualTo("0 parked\n");
    assertThat(run("parked", "drop", "--postgres", "--broker", "http://127.0.0.1:1", "a").status())
        .isEqualTo(2);
  }

  @Test
  void whatIsDoneToFiles_namesWhatIsDoneToADatabaseInstead() {
    assertThat(run("backup"))
        .satisfies(
            backup -> {
              assertThat(backup.status()).isEqualTo(1);
              assertThat(backup.text()).contains("pg_dump", "stand-by").hasLineCount(1);
            });
    assertThat(run("salvage", "some.sqlite", "other.sqlite"))
        .satisfies(
            salvage -> {
              assertThat(salvage.status()).isEqualTo(1);
              assertThat(salvage.text()).contains("stand-by", "restore").hasLineCount(1);
            });
    assertThat(folder.resolve("other.sqlite")).doesNotExist();
  }

  private int sessions() {
    return Integer.parseInt(
        SERVER
            .ask(
                "postgres",
                "SELECT count(*) FROM pg_stat_activity WHERE datname = '%s'".formatted(database))
            .getFirst());
  }

  private OwnProcess start(String... words) throws IOException {
    return OwnProcess.start(folder, Main.class, List.of(), words);
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }
}
