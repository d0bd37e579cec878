package io.taskbroker.endtoend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.proto.v1.GetTaskRequest;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.load.TaskFetch;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.RulesFolder;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What deployments filter the log by, and look for in it. */
@ExtendWith(RunningKafka.class)
class LogTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String FILTER = "info,librdkafka=warn,h2=off,taskbroker::upkeep=debug";

  /** The fields of the one line of each pass of upkeep. */
  private static final List<String> PASS =
      List.of(
          "completed",
          "deadlettered",
          "discarded",
          "claim_expiration_reset",
          "processing_deadline_reset",
          "processing_attempts_exceeded",
          "expired",
          "retried",
          "pending",
          "claimed",
          "processing",
          "delay",
          "delay_elapsed");

  private static final Pattern OBJECT =
      Pattern.compile(
          "\\{\"timestamp\":\"[^\"]+Z\",\"level\":\"([A-Z]+)\",\"message\":\"(.*?)\"(,.*)?,"
              + "\"target\":\"([^\"]+)\",\"filename\":\"\\w+\\.java\",\"line_number\":\\d+,"
              + "\"span\":\\{\"name\":\"[^\"]+\"},\"spans\":\\[\\{\"name\":\"[^\"]+\"}],"
              + "\"thread\":\"[^\"]+\"}");

  private static final Pattern ROW = Pattern.compile("\\| `(taskbroker[a-z_:]*)` \\|.*");

  @TempDir Path folder;

  @Test
  void json_hasTheTargetsAndFieldsThatOthersLookFor(Kafka kafka) throws IOException {
    RulesFolder rules =
        RulesFolder.create(
            folder.resolve("rules"), "drop_task_killswitch: [x]\ndemoted_namespaces: []\n");
    BrokerSetup settings =
        settings(kafka, "log-json")
            .with("log_format", "json")
            .with("http_addr", "127.0.0.1")
            .with("http_port", FreePorts.any())
            .with("runtime_config_path", rules.file().toString())
            .with("grpc_shared_secret", List.of("secret"));
    String output;
    try (BrokerProcess broker = BrokerProcess.start(settings);
        RawTopic topic = new RawTopic(kafka.address(), settings.topic());
        TaskFetch unsigned = TaskFetch.at(settings.grpcAddress())) {
      topic.send("no task at all".getBytes(UTF_8));
      assertThatThrownBy(() -> unsigned.await(GetTaskRequest.getDefaultInstance(), PATIENCE))
          .hasMessageContaining("UNAUTHENTICATED");
      awaitLine(broker, "is no task");
      awaitLine(broker, "upkeep.complete");
      assertThat(broker.stop(ProcessSignal.TERM).code()).isZero();
      output = broker.process().output();
    }

    List<Matcher> lines = output.lines().skip(2).map(OBJECT::matcher).toList(); // after the banner
    assertThat(lines).allMatch(Matcher::matches, "is an object with the usual fields");
    assertThat(lines.stream().map(line -> line.group(1) + " " + line.group(4)))
        .contains(
            "INFO taskbroker",
            "INFO taskbroker::grpc::server",
            "ERROR taskbroker::grpc::auth",
            "INFO taskbroker::http",
            "INFO taskbroker::kafka::consumer",
            "ERROR taskbroker::kafka::consumer",
            "INFO taskbroker::metrics",
            "INFO taskbroker::runtime_config",
            "INFO taskbroker::upkeep",
            "DEBUG taskbroker::upkeep");
    assertThat(targets(lines.stream())).isSubsetOf(documented());
    assertThat(targets(lines.stream().filter(line -> line.group(1).equals("DEBUG"))))
        .containsExactly("taskbroker::upkeep");
    assertThat(fieldsOf(lines, "Configuration")).startsWith(",\"config\":\"");
    PASS.forEach(
        field ->
            assertThat(fieldsOf(lines, "upkeep.complete"))
                .containsPattern("\"result_context." + field + "\":\\d+"));
  }

  @Test
  void withoutADsn_nothingOfSentryIsLoaded(Kafka kafka) throws IOException {
    BrokerSetup settings = settings(kafka, "log-no-sentry").with("traces_sample_rate", 1.0);
    Path classes = folder.resolve("classes.log");
    List<String> watched = List.of("env", "JDK_JAVA_OPTIONS=-Xlog:class+load:file=" + classes);
    try (BrokerProcess broker = BrokerProcess.launchBy(watched, settings)) {
      broker.awaitServing(PATIENCE);
      assertThat(broker.stop(ProcessSignal.TERM).code()).isZero();
    }

    assertThat(Files.readString(classes))
        .contains(" io.taskbroker.adapters.grpc.GrpcServer ")
        .doesNotContain(" io.sentry.");
  }

  @Test
  void text_canBeSearchedForWhatAPassOfUpkeepDid(Kafka kafka) {
    BrokerSetup settings = settings(kafka, "log-text");
    try (BrokerProcess broker = BrokerProcess.start(settings);
        RawTopic topic = new RawTopic(kafka.address(), settings.topic())) {
      topic.send("no task at all".getBytes(UTF_8));
      awaitLine(broker, "upkeep.complete");

      String output = broker.process().output();
      String whole = output.substring(0, output.lastIndexOf('\n')); // the last one is being written
      assertThat(whole.lines())
          .filteredOn(line -> line.contains("upkeep.complete"))
          .allSatisfy(
              line -> {
                assertThat(line).contains("DEBUG", "taskbroker::upkeep:");
                PASS.forEach(
                    field -> assertThat(line).containsPattern("result_context." + field + "=\\d+"));
              });
      assertThat(output).contains("[31mERROR");
    }
  }

  private static Set<String> targets(Stream<Matcher> lines) {
    return lines.map(line -> line.group(4)).collect(Collectors.toCollection(TreeSet::new));
  }

  private static String fieldsOf(List<Matcher> lines, String message) {
    return lines.stream()
        .filter(line -> line.group(2).equals(message))
        .findFirst()
        .orElseThrow()
        .group(3);
  }

  private static Set<String> documented() throws IOException {
    return Files.readAllLines(Path.of("../../docs/operations.md")).stream()
        .map(ROW::matcher)
        .filter(Matcher::matches)
        .map(row -> row.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static void awaitLine(BrokerProcess broker, String words) {
    Waiting.until(
        "the log says '" + words + "'", PATIENCE, () -> broker.process().output().contains(words));
  }

  private BrokerSetup settings(Kafka kafka, String topic) {
    BrokerSetup settings =
        BrokerSetup.of(folder, kafka.address(), topic)
            .with("kafka_auto_offset_reset", "earliest")
            .with("upkeep_task_interval_ms", 50)
            .with("log_filter", FILTER);
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(settings.topic(), 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
    return settings;
  }
}
