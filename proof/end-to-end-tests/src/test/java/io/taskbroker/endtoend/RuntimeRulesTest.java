package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.TopicReader;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.RulesFolder;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A file with rules that changes while the packaged broker runs. Nobody fetches anything here. */
@ExtendWith(RunningKafka.class)
class RuntimeRulesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String TOPIC = "runtime-rules";
  private static final String LONG_TOPIC = "runtime-rules-long";
  private static final TaskKind KEPT = TaskKind.quick("kept");
  private static final TaskKind DROPPED = TaskKind.quick("dropped");

  private static final String NO_RULES = "drop_task_killswitch: []\ndemoted_namespaces: []\n";
  private static final String KILL_SWITCH =
      "drop_task_killswitch: [dropped]\ndemoted_namespaces: []\n";
  private static final String DEMOTION = "drop_task_killswitch: []\ndemoted_namespaces: [slow]\n";

  @TempDir Path folder;

  @Test
  void aKillSwitch_dropsWhatIsStored_andWhatArrives(Kafka kafka) {
    RulesFolder rules = RulesFolder.create(folder.resolve("rules"), NO_RULES);
    try (var metrics = HeardMetrics.start();
        Rig rig =
            Rig.of(
                folder,
                kafka.address(),
                TOPIC + "-kill",
                Map.of(
                    "runtime_config_path", rules.file().toString(),
                    "statsd_addr", metrics.address()));
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view()) {
      rig.producer().produce(DROPPED, 20);
      rig.producer().produce(KEPT, 20);
      rig.producer().flush();
      awaitPending(view, 40);

      rules.replace(KILL_SWITCH);
      awaitPending(view, 20);
      rig.producer().produce(DROPPED, 10);
      rig.producer().produce(KEPT, 1);
      rig.producer().flush();
      awaitPending(view, 21);

      assertThat(broker.stop(ProcessSignal.TERM).code()).isZero(); // the last second is sent, too
      assertThat(metrics.sum("upkeep.killswitched_tasks")).isEqualTo(20);
      assertThat(metrics.sum("filter.drop_task_killswitch", "match:whole_task")).isEqualTo(10);
      assertThat(rig.settings().errorLines()).isEmpty();
    }
  }

  @Test
  void aDemotion_movesWhatIsStored_andWhatArrives_toTheConfiguredTopic(Kafka kafka) {
    RulesFolder rules = RulesFolder.create(folder.resolve("rules"), NO_RULES);
    try (Topics topics = Topics.at(kafka.address())) {
      topics.create(LONG_TOPIC, 1);
    }
    String topic = TOPIC + "-demotion";
    var slow = new ActivationProducer.Target(kafka.address(), topic, "proving", "slow");
    try (Rig rig =
            Rig.of(
                folder,
                kafka.address(),
                topic,
                Map.of(
                    "runtime_config_path",
                    rules.file().toString(),
                    "kafka_long_topic",
                    LONG_TOPIC));
        var leaving = new ActivationProducer(slow, 100, new Ledger());
        TopicReader moved = TopicReader.start(kafka.address(), LONG_TOPIC, _ -> {});
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view()) {
      leaving.produce(KEPT, 20);
      leaving.flush();
      rig.producer().produce(KEPT, 20);
      rig.producer().flush();
      awaitPending(view, 40);

      rules.replace(DEMOTION);
      awaitPending(view, 20);
      leaving.produce(KEPT, 10);
      leaving.flush();
      Waiting.until("all have moved", PATIENCE, () -> moved.seen() == 30);
      Waiting.until("none of them is left", PATIENCE, () -> view.count() == 20);

      assertThat(broker.stop(ProcessSignal.TERM).code()).isZero();
      assertThat(moved.unreadable()).isZero();
      assertThat(rig.settings().errorLines()).isEmpty();
    }
  }

  private static void awaitPending(StoreWindow view, int rows) {
    Waiting.until(rows + " rows are pending", PATIENCE, () -> view.count("Pending") == rows);
  }
}
