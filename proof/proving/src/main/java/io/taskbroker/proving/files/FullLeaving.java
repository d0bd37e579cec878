package io.taskbroker.proving.files;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.embeddedkafka.KafkaProxy;
import io.taskbroker.embeddedkafka.KafkaProxy.Conduct;
import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.proving.machine.SmallDisk;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.RulesFolder;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * The disk is full while Kafka acknowledges what has to leave: failed tasks, a retry, and the
 * demotion of a task that may run at most once. Counted in Kafka.
 */
final class FullLeaving {
  private static final String TOPIC = "full-leaving";
  private static final String LONG_TOPIC = "full-leaving-long";
  private static final int PAYLOAD_BYTES = 1_024;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration MOMENT = Duration.ofSeconds(2);

  private static final TaskKind KEPT =
      TaskKind.quick("full.kept").ending(Ending.DEAD_LETTER).within(Duration.ofMinutes(5));
  private static final TaskKind RETRIED =
      TaskKind.quick("full.retried").retrying(1).within(Duration.ofMinutes(5));
  private static final TaskKind DEMOTED = TaskKind.quick("full.demoted").onceAtMost();

  private static final String NO_RULES = "drop_task_killswitch: []\ndemoted_namespaces: []\n";

  private FullLeaving() {}

  /**
   * @param answers what becomes of Kafka's answers when the disk is full
   */
  static void play(Stage stage, String what, Conduct answers, Verdict verdict) {
    int failing = stage.some(1_000, 300);
    NodeSettings node = NodeSettings.in(stage.folder().resolve("kafka"));
    int inner = FreePorts.any();
    int proxied = FreePorts.any();
    RulesFolder rules = RulesFolder.create(stage.folder().resolve("rules"), NO_RULES);
    SmallDisk disk = new SmallDisk(folder(stage.folder().resolve("disk")));
    var limits =
        Map.<String, Object>of(
            "runtime_config_path",
            rules.file().toString(),
            "store.sqlite.path",
            disk.folder().resolve("inflight.sqlite").toString());
    try (KafkaProcess kafka = KafkaProcess.start(node, KafkaProxy.listener(node, inner, proxied));
        KafkaProxy proxy = KafkaProxy.start(proxied, inner);
        Rig rig = Rig.of(stage.folder(), kafka.address(), TOPIC, limits);
        ActivationProducer leaving =
            new ActivationProducer(
                new ActivationProducer.Target(kafka.address(), TOPIC, "nobody", "slow"),
                PAYLOAD_BYTES,
                new Ledger())) {
      rig.topics().create(LONG_TOPIC, 1);
      BrokerSetup behind = behind(proxy, rig.settings());
      try (BrokerProcess broker =
          BrokerProcess.launchBy(disk.with("size=24m"), behind).awaitServing(PATIENCE)) {
        produce(rig, leaving, failing);
        proxy.publishing(Conduct.HOLD);
        try (var _ = rig.startWorkers(rig.workers(32, 4).of("proving"), KEPT, RETRIED)) {
          rules.replace(demotion(proxy.address()));
          Waiting.until(
              "all have been reported on",
              PATIENCE,
              () -> rig.ledger().acknowledged() >= failing + 1);
          Waiting.pause(MOMENT); // the rules are read once a second
          disk.fill(broker.process(), 0);
          stage.say(what + ": the disk is full, and Kafka gets what was on its way");
          proxy.publishing(answers);
          Waiting.pause(MOMENT);
          proxy.publishing(Conduct.PASS);
          Waiting.pause(Duration.ofSeconds(stage.some(10, 4)));
          judgeWhileFull(rig, what, failing, verdict);
          disk.empty(broker.process());
          stage.say(what + ": there is room again");
          broker.awaitServing(PATIENCE);
          awaitLeft(rig, failing);
        }
        int exit = broker.stop(ProcessSignal.TERM).code();
        judge(rig, what, failing, verdict);
        verdict.show(what + ".lost_answers", proxy.lost()).expect(what + ".exit", 0, exit);
      }
    }
  }

  /** The broker reaches Kafka through the proxy, and everybody else directly. */
  private static BrokerSetup behind(KafkaProxy proxy, BrokerSetup settings) {
    return new BrokerSetup(
        settings.folder(), proxy.address(), TOPIC, settings.grpcPort(), settings.further());
  }

  private static void produce(Rig rig, ActivationProducer leaving, int failing) {
    leaving.produce(DEMOTED);
    leaving.flush();
    rig.producer().produce(KEPT, failing);
    rig.producer().produce(RETRIED);
    rig.producer().flush();
    Waiting.untilNothingLeft(
        "all is stored and committed", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
  }

  private static void awaitLeft(Rig rig, int failing) {
    rig.awaitEnds(PATIENCE);
    Waiting.until(
        "all that has to leave is in Kafka",
        PATIENCE,
        () -> deadLetters(rig) >= failing && rig.topics().size(LONG_TOPIC) >= 1);
    Waiting.pause(MOMENT);
  }

  private static void judgeWhileFull(Rig rig, String what, int failing, Verdict verdict) {
    verdict
        .atMost(what + ".dead_letters_while_full", failing, deadLetters(rig))
        .atMost(what + ".retries_while_full", 1, retries(rig, failing))
        .atMost(what + ".demotions_while_full", 1, rig.topics().size(LONG_TOPIC));
  }

  private static void judge(Rig rig, String what, int failing, Verdict verdict) {
    verdict
        .expect(what + ".dead_letters", failing, deadLetters(rig))
        .expect(what + ".retries", 1, retries(rig, failing))
        .expect(what + ".demotions", 1, rig.topics().size(LONG_TOPIC))
        .expect(what + ".lost", 0, rig.ledger().account().open());
  }

  private static long deadLetters(Rig rig) {
    return rig.topics().size(rig.settings().deadLetterTopic());
  }

  /** What is in the topic beside what was produced. */
  private static long retries(Rig rig, int failing) {
    return rig.topics().size(TOPIC) - failing - 2;
  }

  private static String demotion(String cluster) {
    return """
    drop_task_killswitch: []
    demoted_namespaces: [slow]
    demoted_topic: %s
    demoted_topic_cluster: %s
    """
        .formatted(LONG_TOPIC, cluster);
  }

  private static Path folder(Path folder) {
    try {
      return Files.createDirectories(folder).toAbsolutePath();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot create " + folder, e);
    }
  }
}
