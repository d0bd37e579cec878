package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.PushWorkerProcess;
import java.time.Duration;
import java.util.Map;

/** Of workers that hang nobody knows what they have, until their leases end. */
final class PushHanging implements Part {
  private static final int TASKS = 100;
  private static final TaskKind KIND = TaskKind.quick("push.hanging");
  private static final Duration HANGING = Duration.ofSeconds(10);

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (PushRig push = PushRig.on(stage, "push-hanging", Map.of("push.timeout", "5s"));
        PushWorkerProcess workers = push.startWorkers(Conduct.HANG);
        BrokerProcess broker = push.startBroker();
        StoreWindow view = push.rig().view()) {
      push.rig().producer().produce(KIND, TASKS);
      push.rig().producer().flush();
      Waiting.until("workers have been called", PushRig.PATIENCE, () -> push.witness().calls() > 0);
      Waiting.pause(HANGING);
      workers.behave(Conduct.WORK);
      Waiting.until(
          "upkeep tells of leases",
          PushRig.PATIENCE,
          () -> broker.process().output().contains("activations have ended without a word"));
      push.rig().awaitEnds(PushRig.PATIENCE);
      push.rig().awaitNothingLeft(view, PushRig.PATIENCE);
      broker.awaitLine(PushRig.PATIENCE, "application 'proving' is stalled: ");
      Account account = push.rig().ledger().account();
      verdict
          .show("hanging.calls", push.witness().calls())
          .expect("hanging.completed", TASKS, account.completed())
          .expect("hanging.repeated", 0, account.repeats())
          .expect("hanging.lost", 0, account.open());
    }
  }
}
