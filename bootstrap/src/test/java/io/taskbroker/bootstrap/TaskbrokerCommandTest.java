package io.taskbroker.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class TaskbrokerCommandTest {
  @TempDir private Path folder;

  private record Outcome(int status, String out, String err) {}

  @Test
  void helpAndVersionSucceed() {
    assertThat(run("--help").status()).isZero();
    assertThat(run("-h").out()).contains("Usage: taskbroker", "--config", "--run", "check-config");
    assertThat(run("--version").out()).startsWith("taskbroker ");
    assertThat(run("check-config", "--help").status()).isZero();
  }

  @Test
  void wrongUsageIsStatus2() {
    assertThat(run("--nonsense").status()).isEqualTo(2);
    assertThat(run("--config").status()).isEqualTo(2);
    assertThat(run("surplus").status()).isEqualTo(2);
    Outcome outcome = run("--run", "BROKER");
    assertThat(outcome.status()).isEqualTo(2);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).contains("'BROKER' is not broker or migrations", "Usage:");
  }

  @Test
  void aSlipOfTheHandIsAnsweredWithAGuess_andNotWithAllOfTheHelp() {
    assertThat(run("stauts").err()).contains("'stauts'", "Did you mean 'status'?");
    assertThat(run("dead-letters", "lst").err())
        .contains("Did you mean 'list'?", "'taskbroker dead-letters --help' explains it.");
    assertThat(run("status", "--borker", "x").err())
        .contains("Did you mean '--broker'?")
        .contains("Usage: taskbroker status");
    Outcome missing = run("task");
    assertThat(missing.status()).isEqualTo(2);
    assertThat(missing.err()).startsWith("Missing required parameter: 'ID'");
    assertThat(missing.err().lines().count()).isLessThan(8);
    assertThat(run("quite other").err()).doesNotContain("Did you mean");
  }

  @Test
  void aMissingFileIsStatus1() {
    String missing = folder.resolve("missing.yml").toString();

    for (Outcome outcome : new Outcome[] {run("-c", missing), run("check-config", "-c", missing)}) {
      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.err()).contains("missing.yml: no such file").hasLineCount(2);
    }
  }

  @Test
  void aWrongConfigurationIsStatus1WithEverythingThatIsWrong() throws IOException {
    Outcome outcome = run("-c", file("grpc_port: x\nlog_format: y\n"));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("2 problems", "grpc_port (c.yml:1)", "log_format (c.yml:2)");
    assertThat(outcome.out()).isEmpty();
  }

  @Test
  void aClusterThatCannotBeSpokenToAsWrittenIsStatus1WithWhatIsPossible() throws IOException {
    Outcome outcome =
        run(
            "-c",
            file(
                """
                kafka_clusters:
                  main: {address: 'kafka:9093', security_protocol: sasl_ssl, sasl_mechanism: GSSAPI}
                kafka_topics:
                  tasks: {cluster: main, consumer_group: tasks}
                  taskworker-dlq: {cluster: main, consumer_group: tasks, produce_only: true}
                """));

    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("kafka_clusters.main.sasl_mechanism (c.yml:2)")
        .contains("PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", "GSSAPI")
        .contains("sasl_username is missing", "sasl_password is missing");
  }

  @Test
  void whatIsWrongCommandsNoTerminal() throws IOException {
    assertThat(run("-c", file("log_format: \"\\e[2J\\nx\"\n")).err())
        .contains("but is the text '\\u001b[2J\\nx'")
        .doesNotContain("\u001b");
  }

  @Test
  void checkConfigShowsValuesWithTheirOrigins() throws IOException {
    Outcome outcome = run("check-config", "-c", file("grpc_port: 5\ndb_path: /x\nunknown: 1\n"));

    assertThat(outcome.status()).isZero();
    assertThat(outcome.out())
        .contains(
            "grpc_port: 5 # c.yml:1", "path: /x # c.yml:2 as db_path", "log_filter: warn # TA");
    assertThat(outcome.err())
        .contains("unknown (c.yml:3): there is no such setting")
        .contains("db_path (c.yml:2): is now called store.sqlite.path");
  }

  @Test
  void checkConfigTakesTheFileOnEitherSideOfItsName() throws IOException {
    String file = file("grpc_port: 5\n");

    assertThat(run("-c", file, "check-config").out()).contains("grpc_port: 5 # c.yml:1");
  }

  @Test
  void checkConfigIsStatus1ForAnyProblem() throws IOException {
    Outcome wrong = run("check-config", "-c", file("grpc_port: x\n"));
    assertThat(wrong.status()).isEqualTo(1);
    assertThat(wrong.err()).contains("grpc_port (c.yml:1): expects a whole number");

    Outcome malformed =
        run("check-config", "-c", file("store: {adapter: postgres, pg: {host: /run}}\n"));
    assertThat(malformed.status()).isEqualTo(1);
    assertThat(malformed.err()).contains("Unix socket");
  }

  @Test
  void toolsForTheFileNameAMissingOne() {
    String missing = folder.resolve("missing.sqlite").toString();
    String out = folder.resolve("out.sqlite").toString();

    for (Outcome outcome :
        new Outcome[] {
          run("export", missing),
          run("backup", missing, out),
          run("parked", "list", missing),
          run("parked", "retry", missing, "a", "b"),
          run("parked", "drop", missing, "--all")
        }) {
      assertThat(outcome.status()).isEqualTo(1);
      assertThat(outcome.err()).contains(missing + " does not exist").hasLineCount(1);
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void parkedRowsAreNamedOrAllAreMeant() {
    Outcome none = run("parked", "drop", "store.sqlite");
    Outcome both = run("parked", "retry", "store.sqlite", "a", "--all");

    for (Outcome outcome : new Outcome[] {none, both}) {
      assertThat(outcome.status()).isEqualTo(2);
      assertThat(outcome.err()).contains("Name one ID or several, or say --all");
    }
    assertThat(none.err()).contains("Usage: taskbroker parked drop [");
    assertThat(both.err()).contains("Usage: taskbroker parked retry [");
  }

  private String file(String text) throws IOException {
    return Files.writeString(folder.resolve("c.yml"), text).toString();
  }

  private static Outcome run(String... words) {
    var out = new StringWriter();
    var err = new StringWriter();
    CommandLine line =
        TaskbrokerCommand.line(Map.of("TASKBROKER_LOG_FILTER", "warn"))
            .setOut(new PrintWriter(out))
            .setErr(new PrintWriter(err));
    return new Outcome(line.execute(words), out.toString(), err.toString());
  }
}
