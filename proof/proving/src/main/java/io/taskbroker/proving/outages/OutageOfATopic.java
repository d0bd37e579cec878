package io.taskbroker.proving.outages;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;

/** The topic is deleted while it is consumed, and missing until all that was stored is done. */
final class OutageOfATopic implements Part {
  private static final String TOPIC = "outage-topic";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int STORED = 800;
  private static final int LATER = 200;

  /** Eight workers have work for ten seconds. */
  private static final TaskKind SLOW =
      TaskKind.quick("outage.topic").working(Duration.ofMillis(100));

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (Rig rig = stage.rig(TOPIC, Map.of());
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view()) {
      rig.producer().produce(SLOW, STORED);
      rig.producer().flush();
      Waiting.untilNothingLeft("all is taken in", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
      try (var _ = rig.startWorkers(rig.workers(8, 2), SLOW)) {
        rig.topics().delete(TOPIC);
        stage.say("the topic is deleted");
        broker.awaitLine(
            PATIENCE,
            "reading of topic '%s' is stalled: topic '%<s' does not exist".formatted(TOPIC),
            "create_missing_topics");
        rig.awaitEnds(PATIENCE);
        broker.awaitServing(PATIENCE);
        Account meanwhile = rig.ledger().account();

        rig.topics().create(TOPIC, 1);
        rig.topics().awaitNew(TOPIC);
        stage.say("the topic is created");
        rig.producer().produce(SLOW, LATER);
        rig.producer().flush();
        rig.awaitEnds(PATIENCE);
        broker.awaitLine(PATIENCE, "reading of topic '" + TOPIC + "' goes on");
        rig.awaitNothingLeft(view, PATIENCE);
        int exit = broker.stop(ProcessSignal.TERM).code();
        Account account = rig.ledger().account();
        verdict
            .expect("topic.completed_without", STORED, meanwhile.completed())
            .expect("topic.completed", STORED + LATER, account.completed())
            .expect("topic.lost", 0, account.open())
            .expect("topic.repeated", 0, account.repeats())
            .expectNone("topic.error_lines", rig.settings().errorLines())
            .expect("topic.exit", 0, exit);
      }
    }
  }
}
