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
  void checkConfigConnectsIfItIsTold() {
    assertThat(check()).contains("store:").doesNotContain("to be mended", "geheim");
    assertThat(check("--connect")).contains("does not exist");
  }

  private String check(String... more) {
    var out = new StringWriter();
    CommandLine line = TaskbrokerCommand.line(Map.of());
    line.setOut(new PrintWriter(out)).setErr(new PrintWriter(out));
    List<String> words = new ArrayList<>(List.of("check-config"));
    words.addAll(List.of(more));
    words.addAll(List.of("-c", folder.resolve("c.yml").toString()));
    int _ = line.execute(words.toArray(String[]::new));
    return out.toString();
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
