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

/**
 * Workers that are not available get nothing, and lose nothing: what was offered to them waits for
 * the end of its lease.
 */
final class PushRefused implements Part {
  private static final int TASKS = 500;
  private static final TaskKind KIND = TaskKind.quick("push.refused");
  private static final Duration WATCHING = Duration.ofSeconds(5);
  private static final int ENOUGH_CALLS = 3;

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (PushRig push = PushRig.on(stage, "push-refused", Map.of("push.timeout", "10s"));
        PushWorkerProcess workers = push.startWorkers(Conduct.REFUSE);
        BrokerProcess broker = push.startBroker();
        StoreWindow view = push.rig().view()) {
      push.rig().producer().produce(KIND, TASKS);
      push.rig().producer().flush();
      Waiting.until("all tasks are stored", PushRig.PATIENCE, () -> view.count() >= TASKS);
      Waiting.until(
          "workers have been called",
          PushRig.PATIENCE,
          () -> push.witness().calls() >= ENOUGH_CALLS);
      long processing = mostProcessing(view);
      long stored = view.count();
      boolean said = broker.process().output().contains("application 'proving' is stalled: ");
      workers.behave(Conduct.WORK);
      push.rig().awaitEnds(PushRig.PATIENCE);
      push.rig().awaitNothingLeft(view, PushRig.PATIENCE);
      Account account = push.rig().ledger().account();
      verdict
          .show("refused.calls", push.witness().calls())
          .expect("refused.processing", 0, processing)
          .expect("refused.stored", TASKS, stored)
          .expect("refused.said", 1, said ? 1 : 0)
          .expect("refused.completed", TASKS, account.completed())
          .expect("refused.repeated", 0, account.repeats())
          .expect("refused.lost", 0, account.open());
    }
  }

  private static long mostProcessing(StoreWindow view) {
    long most = 0;
    long end = System.nanoTime() + WATCHING.toNanos();
    while (System.nanoTime() < end) {
      most = Math.max(most, view.count("Processing"));
    }
    return most;
  }
}
