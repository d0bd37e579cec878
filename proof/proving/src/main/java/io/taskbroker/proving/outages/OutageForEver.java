package io.taskbroker.proving.outages;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerProcess.Exit;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;

/** A broker is started where no Kafka is, and none comes for as long as it lives. */
final class OutageForEver implements Part {
  private static final String TOPIC = "outage-for-ever";
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration LIFE = Duration.ofSeconds(30);

  /** Those who stop a broker kill it after 10 s. */
  private static final Duration STOP = Duration.ofSeconds(9);

  private static final int STORED = 500;
  private static final int RETRIED_TASKS = 50;
  private static final TaskKind QUICK = TaskKind.quick("outage.stored");
  private static final TaskKind RETRIED = TaskKind.quick("outage.waiting").retrying(1);

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (Rig rig = stage.rig(TOPIC, Map.of())) {
      store(rig);
      BrokerSetup apart =
          rig.settings().with("kafka_clusters.default.address", "127.0.0.1:" + FreePorts.any());
      try (BrokerProcess broker = BrokerProcess.start(apart);
          StoreWindow view = rig.view();
          var _ = rig.startWorkers(rig.workers(8, 2), QUICK, RETRIED)) {
        Waiting.until(
            "all is done that needs no Kafka",
            PATIENCE,
            () -> rig.ledger().account().completed() == STORED && view.count("Retry") > 0);
        Waiting.pause(LIFE);
        broker.awaitServing(PATIENCE);
        long waiting = view.count("Retry");
        long reading = broker.lines("reading of topic '" + TOPIC + "' is stalled");
        long publishing = broker.lines("Publishing retries to topic " + TOPIC + " is stalled");
        Exit exit = broker.stop(ProcessSignal.TERM);
        verdict
            .expect("for_ever.completed", STORED, rig.ledger().account().completed())
            .expect("for_ever.retries_kept", RETRIED_TASKS, waiting)
            .expect("for_ever.said", 2, reading + publishing)
            .expect("for_ever.exit", 0, exit.code())
            .atMost("for_ever.stop_ms", STOP.toMillis(), exit.took().toMillis());
      }
      finish(rig, verdict);
      verdict.expectNone("for_ever.error_lines", rig.settings().errorLines());
    }
  }

  private static void store(Rig rig) {
    try (BrokerProcess broker = rig.startBroker()) {
      rig.producer().produce(QUICK, STORED);
      rig.producer().produce(RETRIED, RETRIED_TASKS);
      rig.producer().flush();
      Waiting.untilNothingLeft("all is taken in", PATIENCE, () -> rig.topics().lag(TOPIC, TOPIC));
      broker.stop(ProcessSignal.TERM);
    }
  }

  /** The next broker finds its Kafka. */
  private static void finish(Rig rig, Verdict verdict) {
    try (BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(8, 2), QUICK, RETRIED)) {
      rig.awaitEnds(PATIENCE);
      rig.awaitNothingLeft(view, PATIENCE);
      broker.stop(ProcessSignal.TERM);
      Account account = rig.ledger().account();
      verdict
          .expect("for_ever.retried", RETRIED_TASKS, account.retried())
          .expect("for_ever.lost", 0, account.open())
          .expect("for_ever.repeated", 0, account.repeats());
    }
  }
}
