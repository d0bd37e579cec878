package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.Mesh;
import io.taskbroker.workload.push.PushWorkerProcess;
import java.util.Map;

/**
 * One connection of four hangs: nothing comes through, and nobody says so. The best of a few rounds
 * counts: what else the machine does makes some of them slower.
 */
final class MeshHanging implements Part {
  private static final int ROUNDS = 2;

  /** So often while one hangs, until one round is good enough. */
  private static final int MOST_ROUNDS = 18;

  private static final int MESHES = 4;

  /** In percent of what it is while none hangs. */
  private static final int AT_LEAST = 70;

  private static final TaskKind KIND = TaskKind.quick("mesh.hanging");

  @Override
  public void play(Stage stage, Verdict verdict) {
    int tasks = stage.some(20_000, 5_000);
    Map<String, Object> settings =
        Map.of("store.max_pending_count", 4 * tasks, "push.threads", 4, "push.timeout", "2s");
    try (MeshRig rig = MeshRig.on(stage, "mesh-hanging", MESHES, settings);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.rig().view()) {
      Pace pace = new Pace(rig.push().witness());
      try (PushWorkerProcess workers = rig.push().startWorkers(Conduct.BUSY, pace)) {
        drain(rig, view, workers, pace, tasks);
        long all = 0;
        for (int round = 0; round < ROUNDS; round++) {
          all = Math.max(all, drain(rig, view, workers, pace, tasks));
        }
        rig.meshes().getLast().weather(Mesh.Weather.HANGING);
        long needed = (all * AT_LEAST + 99) / 100;
        long three = 0;
        for (int round = 0; round < MOST_ROUNDS && three < needed; round++) {
          three = Math.max(three, drain(rig, view, workers, pace, tasks));
        }
        boolean named = broker.process().output().contains("to 127.0.0." + MESHES + ":");
        verdict
            .show("hanging.per_second_with_four", all)
            .show("hanging.per_second_with_one_of_them_hung", three)
            .atLeast("hanging.percent", AT_LEAST, 100 * three / Math.max(1, all))
            .expect("hanging.named", 1, named ? 1 : 0)
            .expect("hanging.lost", 0, rig.rig().ledger().account().open());
      }
    }
  }

  /** Fills the store while workers are busy, and returns how fast they get it then. */
  private static long drain(
      MeshRig rig, StoreWindow view, PushWorkerProcess workers, Pace pace, int tasks) {
    workers.behave(Conduct.BUSY);
    rig.rig().producer().produce(KIND, tasks);
    rig.rig().producer().flush();
    Waiting.until("a backlog is stored", PushRig.PATIENCE, () -> view.count() >= tasks);
    pace.restart();
    workers.behave(Conduct.WORK);
    rig.rig().awaitEnds(PushRig.PATIENCE);
    Waiting.untilNothingLeft("all reports are written", PushRig.PATIENCE, () -> view.count());
    return pace.perSecond();
  }
}
