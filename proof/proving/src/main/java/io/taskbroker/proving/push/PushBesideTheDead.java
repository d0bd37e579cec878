package io.taskbroker.proving.push;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Part;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.ActivationProducer;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.PushWorkerProcess;
import java.util.Map;

/**
 * An application whose workers are away slows no other. The best of a few rounds counts: what else
 * the machine does makes some of them slower.
 */
final class PushBesideTheDead implements Part {
  private static final int ROUNDS = 3;

  /** So often beside the dead, until one round is good enough. */
  private static final int MOST_ROUNDS = 24;

  /** In percent of what it is alone. */
  private static final int AT_LEAST = 90;

  private static final TaskKind KIND = TaskKind.quick("push.beside");

  @Override
  public void play(Stage stage, Verdict verdict) {
    int tasks = stage.some(20_000, 5_000);
    Map<String, Object> further =
        Map.of(
            "store.max_pending_count",
            4 * tasks,
            "worker_map.dead",
            "http://127.0.0.1:" + FreePorts.any(),
            "fetch.batch_length",
            64,
            "push.queue.size",
            64);
    try (PushRig push = PushRig.on(stage, "push-beside", further);
        BrokerProcess broker = push.startBroker();
        StoreWindow view = push.rig().view()) {
      Pace pace = new Pace(push.witness());
      try (PushWorkerProcess workers = push.startWorkers(Conduct.BUSY, pace)) {
        drain(push, view, workers, pace, tasks);
        long alone = 0;
        for (int round = 0; round < ROUNDS; round++) {
          alone = Math.max(alone, drain(push, view, workers, pace, tasks));
        }
        produceForTheDead(stage, push, view, tasks);
        long needed = alone * AT_LEAST / 100;
        long beside = 0;
        for (int round = 0; round < MOST_ROUNDS && beside < needed; round++) {
          beside = Math.max(beside, drain(push, view, workers, pace, tasks));
        }
        boolean said = broker.process().output().contains("application 'dead' is stalled");
        verdict
            .show("beside.alone_per_second", alone)
            .show("beside.beside_per_second", beside)
            .atMost("beside.needed_per_second", beside, needed)
            .expect("beside.waiting", tasks, view.count())
            .expect("beside.said", 1, said ? 1 : 0)
            .expect("beside.repeated", 0, push.rig().ledger().account().repeats())
            .expect("beside.lost", 0, push.rig().ledger().account().open());
      }
    }
  }

  private static void produceForTheDead(Stage stage, PushRig push, StoreWindow view, int tasks) {
    var target =
        new ActivationProducer.Target(
            stage.kafka().address(), push.rig().settings().topic(), "dead");
    try (var producer = new ActivationProducer(target, 1024, new Ledger())) {
      producer.produce(KIND, tasks);
      producer.flush();
    }
    Waiting.until("its tasks are stored", PushRig.PATIENCE, () -> view.count() >= tasks);
  }

  /** Fills the store while workers are busy, and returns how fast they get it then. */
  private static long drain(
      PushRig push, StoreWindow view, PushWorkerProcess workers, Pace pace, int tasks) {
    workers.behave(Conduct.BUSY);
    long before = view.count();
    push.rig().producer().produce(KIND, tasks);
    push.rig().producer().flush();
    Waiting.until("a backlog is stored", PushRig.PATIENCE, () -> view.count() >= before + tasks);
    pace.restart();
    workers.behave(Conduct.WORK);
    push.rig().awaitEnds(PushRig.PATIENCE);
    Waiting.until("all reports are written", PushRig.PATIENCE, () -> view.count() == before);
    return pace.perSecond();
  }
}
