package io.taskbroker.proving.imports;

import io.taskbroker.proving.program.Said;
import io.taskbroker.proving.reference.ReferenceFile;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The whole way of a user of the reference: their configuration, their file, and back. */
public final class Migration implements Scenario {
  private static final String TOPIC = "migration";
  private static final int DELAY_LIMIT = 777;
  private static final Duration START = Duration.ofMinutes(1);

  /** As an operator overrides one former key and one of today's. */
  private static final List<String> ENVIRONMENT =
      List.of(
          "env",
          "TASKBROKER_MAX_DELAY_COUNT=" + DELAY_LIMIT,
          "TASKBROKER_STORE__PROCESSING_DEADLINE_GRACE_SEC=0");

  @Override
  public String name() {
    return "migration";
  }

  @Override
  public String promise() {
    return "configuration, environment and file of the reference as they are: served, explained,"
        + " exported";
  }

  @Override
  public Verdict play(Stage stage) {
    Verdict verdict = new Verdict();
    BrokerSetup settings = settingsInFormerNames(stage);
    try (Rig rig = Rig.of(settings)) {
      var reference = new ReferenceRig(rig, ReferenceFile.NEWEST);
      reference.leaveAFile();
      settings.write();
      verdict.expectNone("unexplained_values", unexplained(reference));
      try (BrokerProcess broker = BrokerProcess.launchBy(ENVIRONMENT, settings)) {
        broker.awaitServing(START);
        reference.playSuccessor(broker, "migrated", verdict);
      }
    }
    return verdict;
  }

  private static BrokerSetup settingsInFormerNames(Stage stage) {
    BrokerSetup today = BrokerSetup.of(stage.folder(), stage.kafka().address(), TOPIC);
    return today
        .with("kafka_cluster", today.kafka())
        .with("kafka_topic", today.topic())
        .with("kafka_consumer_group", today.group())
        .with("kafka_auto_offset_reset", "earliest")
        .with("db_path", today.store().toAbsolutePath().toString())
        .with("max_pending_count", 4_000)
        .with("max_delay_count", 4_000)
        .with("processing_deadline_grace_sec", 5)
        .with("upkeep_deadline_reset_skip_after_startup_sec", 0);
  }

  /** Values that check-config does not show with where they were written. */
  private static List<String> unexplained(ReferenceRig reference) {
    List<String> command = new ArrayList<>(ENVIRONMENT);
    Said said =
        reference.tool(
            command, "check-config", "-c", reference.settings().file().toAbsolutePath().toString());
    List<String> missing = new ArrayList<>();
    if (said.exit() != 0) {
      missing.add("check-config ended with " + said.exit());
    }
    for (String expected :
        List.of(
            "max_pending_count: 4000 # broker.yml:",
            " as max_pending_count",
            "max_delay_count: " + DELAY_LIMIT + " # TASKBROKER_MAX_DELAY_COUNT",
            "processing_deadline_grace_sec: 0 # TASKBROKER_STORE__PROCESSING_DEADLINE_GRACE_SEC",
            " as db_path",
            "consumer_group: " + TOPIC,
            "is now called store.sqlite.path",
            "is deprecated, declare kafka_topics and kafka_clusters instead")) {
      if (!said.words().contains(expected)) {
        missing.add("check-config does not say '" + expected + "'");
      }
    }
    return missing;
  }
}
