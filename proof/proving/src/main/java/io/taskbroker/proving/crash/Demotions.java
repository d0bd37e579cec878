package io.taskbroker.proving.crash;

import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Label;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.process.RulesFolder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A task of a namespace that rules send to another topic. */
final class Demotions implements Part {
  private static final TaskKind KIND = CrashRig.kind("demotion");
  private static final String NAMESPACE = "slow";
  private static final String TOPIC = "crash-demoted";
  private static final int PAYLOAD_BYTES = 1024;
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  @Override
  public void play(Stage stage, Verdict verdict) {
    String kafka = stage.kafka().address();
    try (Topics topics = Topics.at(kafka)) {
      topics.create(TOPIC, 1);
    }
    RulesFolder rules = RulesFolder.create(stage.folder().resolve("rules"), rules(kafka));
    var settings = Map.<String, Object>of("runtime_config_path", rules.file().toString());
    Ledger demoted = new Ledger();
    Set<Label> moved = ConcurrentHashMap.newKeySet();
    try (CrashRig rig = CrashRig.pulled(stage, List.of(), settings);
        var producer = new ActivationProducer(target(rig), PAYLOAD_BYTES, demoted);
        TopicReader reader = TopicReader.start(kafka, TOPIC, task -> note(task, moved))) {
      new Walk(stage, rig, "", verdict).through(new Demotion(producer));
      reader.catchUp(PATIENCE);
      long produced = demoted.account().produced();
      verdict
          .show("demotion.tasks", produced)
          .expect("demotion.lost", 0, produced - moved.size())
          .expect("demotion.to_workers", 0, demoted.handouts())
          .show("demotion.copies", reader.seen() - moved.size());
    }
  }

  private static String rules(String kafka) {
    return """
    drop_task_killswitch: []
    demoted_namespaces: [%s]
    demoted_topic: %s
    demoted_topic_cluster: %s
    """
        .formatted(NAMESPACE, TOPIC, kafka);
  }

  private static ActivationProducer.Target target(CrashRig rig) {
    return new ActivationProducer.Target(rig.kafka(), rig.topic(), "proving", NAMESPACE);
  }

  private static void note(TaskActivation task, Set<Label> moved) {
    Label label = Label.of(task);
    if (label != null) {
      moved.add(label);
    }
  }

  /** From its record to the record in the other topic. */
  private record Demotion(ActivationProducer producer) implements Step {
    @Override
    public String name() {
      return "demotion";
    }

    @Override
    public void prepare(CrashRig rig) {}

    @Override
    public void begin(CrashRig rig) {
      producer.produce(KIND);
      producer.flush();
    }

    @Override
    public boolean isDone(CrashRig rig) {
      return rig.isCommitted() && rig.isEmpty();
    }
  }
}
