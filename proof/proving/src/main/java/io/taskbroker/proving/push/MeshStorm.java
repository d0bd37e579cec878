package io.taskbroker.proving.push;

import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Repeat;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.Mesh;
import io.taskbroker.workload.push.PushWorkerProcess;
import java.time.Duration;
import java.util.Map;

/**
 * Pushes are delivered, and then answered UNAVAILABLE, reset or cut off. Nobody may conclude from
 * that that no worker has them.
 */
final class MeshStorm implements Part {
  private static final int MESHES = 4;
  private static final TaskKind ONCE = TaskKind.quick("mesh.once").onceAtMost();
  private static final TaskKind AGAIN = TaskKind.quick("mesh.again");

  /** Of 600 pushes 24 go wrong; of these a connection that is cut off can hide some. */
  private static final int LEAST_TROUBLES = 12;

  private static final Duration PATIENCE = Duration.ofMinutes(3);

  @Override
  public void play(Stage stage, Verdict verdict) {
    int tasks = stage.some(1_000, 300);
    var settings =
        Map.<String, Object>of("store.max_pending_count", 4 * tasks, "push.timeout", "5s");
    try (MeshRig rig = MeshRig.on(stage, "mesh-storm", MESHES, settings);
        PushWorkerProcess _ = rig.push().startWorkers(Conduct.WORK);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.rig().view()) {
      rig.meshes().forEach(mesh -> mesh.weather(Mesh.Weather.STORMY));
      rig.rig().producer().produce(ONCE, tasks);
      rig.rig().producer().produce(AGAIN, tasks);
      rig.rig().producer().flush();
      Waiting.until(
          "every at-least-once task has ended",
          PATIENCE,
          () -> rig.rig().ledger().unfinished(AGAIN) == 0);
      rig.rig().awaitNothingLeft(view, PATIENCE);
      Account account = rig.rig().ledger().account();
      int troubles = rig.meshes().stream().mapToInt(Mesh::troubles).sum();
      boolean said = broker.process().output().contains("is not known (");
      verdict
          .expect("storm.produced", 2L * tasks, account.produced())
          .atLeast("storm.troubles", LEAST_TROUBLES, troubles)
          .expect("storm.once_twice", 0, account.repeated().getOrDefault(Repeat.AT_MOST_ONCE, 0L))
          .show("storm.once_failed", rig.rig().ledger().unfinished(ONCE))
          .show("storm.repeated", account.repeats())
          .expectNone("storm.unexplained", rig.rig().ledger().unexplained())
          .expect("storm.said", 1, said ? 1 : 0);
    }
  }
}
