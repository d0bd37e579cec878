package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.FairClock;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.Mesh;
import io.taskbroker.workload.push.PushWorkerProcess;
import java.time.Duration;
import java.util.Map;

/** A second address comes to be behind the name, while tasks come steadily. */
final class MeshMoving implements Part {
  private static final TaskKind KIND = TaskKind.quick("mesh.moving");
  private static final Duration WITHIN = Duration.ofSeconds(90);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final int TASKS_A_LOOK = 100;

  /** Of a look's pushes, in percent; half would be its share. */
  private static final int SHARE = 35;

  @Override
  public void play(Stage stage, Verdict verdict) {
    try (MeshRig rig = MeshRig.on(stage, "mesh-moving", 2, Map.of("push.timeout", "5s"));
        PushWorkerProcess _ = rig.push().startWorkers(Conduct.WORK)) {
      rig.behindTheName(1);
      try (BrokerProcess _ = rig.startBroker();
          StoreWindow view = rig.rig().view()) {
        Mesh second = rig.meshes().getLast();
        for (int before = stage.some(20, 5); before > 0; before--) {
          look(rig);
        }
        int tooEarly = second.pushes();
        rig.behindTheName(2);
        long share = 0;
        long seconds = 0;
        try (FairClock moved = FairClock.start()) {
          while (share < SHARE && seconds < 2 * WITHIN.toSeconds()) {
            share = look(rig);
            seconds = moved.elapsed().toSeconds();
          }
        }
        rig.rig().awaitEnds(PushRig.PATIENCE);
        rig.rig().awaitNothingLeft(view, PushRig.PATIENCE);
        verdict
            .expect("moving.too_early", 0, tooEarly)
            .show("moving.share_percent", share)
            .atMost("moving.seconds", WITHIN.toSeconds(), seconds)
            .expect("moving.lost", 0, rig.rig().ledger().account().open())
            .expectNone("moving.unexplained", rig.rig().ledger().unexplained());
      }
    }
  }

  /** Produces some tasks, and returns the percentage of pushes that went to the second address. */
  private static long look(MeshRig rig) {
    int first = rig.meshes().getFirst().pushes();
    int second = rig.meshes().getLast().pushes();
    rig.rig().producer().produce(KIND, TASKS_A_LOOK);
    rig.rig().producer().flush();
    Waiting.pause(LOOK);
    int toFirst = rig.meshes().getFirst().pushes() - first;
    int toSecond = rig.meshes().getLast().pushes() - second;
    return 100L * toSecond / Math.max(1, toFirst + toSecond);
  }
}
