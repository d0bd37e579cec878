package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutageTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int TASKS = 200;
  private static final TaskKind QUICK = TaskKind.quick("quick");

  @TempDir Path folder;

  @Test
  void aRestartServesWhatIsStored_whileKafkaIsUnreachable_andGoesOnWhenItIsBack() {
    NodeSettings node = NodeSettings.in(folder.resolve("kafka"));
    Ledger ledger = new Ledger();
    BrokerSetup settings =
        BrokerSetup.of(folder.resolve("broker"), "127.0.0.1:" + node.port(), "outage")
            .with("kafka_auto_offset_reset", "earliest");

    try (var _ = KafkaProcess.start(node)) {
      createTopics(settings);
      produce(settings, ledger);
      try (var broker = BrokerProcess.start(settings);
          var view = StoreWindow.open(settings.store())) {
        Waiting.until("all are stored", PATIENCE, () -> view.count("Pending") == TASKS);
        assertThat(broker.stop(ProcessSignal.TERM).code()).isZero();
      }
    }

    try (var _ = BrokerProcess.start(settings);
        var _ =
            Workers.start(
                WorkerSettings.at(settings.grpcAddress(), 4, 1), List.of(QUICK), ledger)) {
      Waiting.until("all are done", PATIENCE, () -> ledger.unfinished() == 0);
      assertThat(ledger.account().completed()).isEqualTo(TASKS);

      try (var _ = KafkaProcess.start(node)) {
        produce(settings, ledger);
        Waiting.until("the new ones are done", PATIENCE, () -> ledger.unfinished() == 0);
      }
    }
    assertThat(ledger.account().completed()).isEqualTo(2 * TASKS);
    assertThat(ledger.account().repeats()).isZero();
  }

  private static void createTopics(BrokerSetup settings) {
    try (Topics topics = Topics.at(settings.kafka())) {
      topics.create(settings.topic(), 1);
      topics.create(settings.deadLetterTopic(), 1);
    }
  }

  private static void produce(BrokerSetup settings, Ledger ledger) {
    var target = new ActivationProducer.Target(settings.kafka(), settings.topic(), "outage");
    try (var producer = new ActivationProducer(target, 100, ledger)) {
      producer.produce(QUICK, TASKS);
      producer.flush();
    }
  }
}
