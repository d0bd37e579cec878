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

/** Workers that die under load lose nothing. */
final class PushKilled implements Part {
  private static final int KILLS = 4;
  private static final TaskKind KIND = TaskKind.quick("push.killed").within(Duration.ofSeconds(3));

  @Override
  public void play(Stage stage, Verdict verdict) {
    int perLife = stage.some(5_000, 1_000);
    int tasks = (KILLS + 1) * perLife;
    var limits = Map.<String, Object>of("store.max_pending_count", 2 * perLife);
    try (PushRig push = PushRig.on(stage, "push-killed", limits);
        BrokerProcess _ = push.startBroker();
        StoreWindow view = push.rig().view()) {
      for (int life = 0; life < KILLS; life++) {
        try (PushWorkerProcess workers = push.startWorkers(Conduct.WORK)) {
          long before = push.rig().ledger().handouts();
          push.rig().producer().produce(KIND, perLife);
          Waiting.until(
              "workers are at work",
              PushRig.PATIENCE,
              () -> push.rig().ledger().handouts() - before >= perLife / 2);
          workers.kill();
        }
      }
      long openAtLast = push.rig().ledger().unfinished();
      try (PushWorkerProcess _ = push.startWorkers(Conduct.WORK)) {
        push.rig().producer().produce(KIND, perLife);
        push.rig().producer().flush();
        push.rig().awaitEnds(PushRig.PATIENCE);
        push.rig().awaitNothingLeft(view, PushRig.PATIENCE);
      }
      Account account = push.rig().ledger().account();
      verdict
          .show("killed.kills", KILLS)
          .show("killed.open_at_last_kill", openAtLast)
          .expect("killed.produced", tasks, account.produced())
          .expect("killed.completed", tasks, account.completed())
          .expect("killed.lost", 0, account.open())
          .show("killed.repeated", account.repeats())
          .expectNone("killed.unexplained", push.rig().ledger().unexplained());
    }
  }
}
