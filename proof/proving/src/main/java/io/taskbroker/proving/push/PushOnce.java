package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.PushWorkerProcess;
import java.time.Duration;
import java.util.Map;

/** Workers that accept everything get everything once. */
final class PushOnce implements Part {
  private static final int TASKS = 500;
  private static final TaskKind KIND = TaskKind.quick("push.once").within(Duration.ofMinutes(10));

  /** Longer than a lease, after which an unmarked task would be pushed again. */
  private static final Duration LONGER = Duration.ofSeconds(25);

  /** So long that a broker that has just begun has its answers in time on a busy machine. */
  private static final Map<String, Object> PATIENT = Map.of("push.timeout", "10s");

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (PushRig push = PushRig.on(stage, "push-once", PATIENT);
        PushWorkerProcess _ = push.startWorkers(Conduct.KEEP);
        BrokerProcess broker = push.startBroker();
        StoreWindow view = push.rig().view()) {
      push.rig().producer().produce(KIND, TASKS);
      push.rig().producer().flush();
      Waiting.until(
          "all tasks are marked", PushRig.PATIENCE, () -> view.count("Processing") >= TASKS);
      Waiting.pause(LONGER);
      long processing = view.count("Processing");
      long errors = push.rig().errorLines(broker);
      var exit = broker.stop(ProcessSignal.TERM);
      Account account = push.rig().ledger().account();
      verdict
          .expect("once.produced", TASKS, account.produced())
          .expect("once.pushed", TASKS, account.handedOut())
          .expect("once.calls", TASKS, push.witness().calls())
          .expect("once.repeated", 0, account.repeats())
          .expect("once.processing", TASKS, processing)
          .expect("once.error_lines", 0, errors)
          .expect("once.exit", 0, exit.code());
    }
  }
}
