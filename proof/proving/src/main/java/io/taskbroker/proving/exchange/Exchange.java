package io.taskbroker.proving.exchange;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.AttachedSettings;
import io.taskbroker.workload.load.AttachedWorkers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Workers that are attached by streams lose nothing by broken ones, and let nobody else in. */
public final class Exchange implements Scenario {
  private static final String SECRET = "right";
  private static final int STREAMS = 4;
  private static final int CREDIT = 64;
  private static final Duration DEADLINE = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final TaskKind TASK =
      TaskKind.quick("exchange.plain").working(Duration.ofMillis(2)).within(DEADLINE);

  @Override
  public String name() {
    return "exchange";
  }

  @Override
  public String promise() {
    return "tasks and outcomes in frames, while streams break: none is lost; frames that are wrong,"
        + " recorded, left out or cut are refused, and what a worker signs is good nowhere else";
  }

  @Override
  public Verdict play(Stage stage) {
    int tasks = stage.some(50_000, 5_000);
    Verdict verdict = new Verdict().show("seed", stage.seed());
    Map<String, Object> limits =
        Map.of(
            "grpc_shared_secret", List.of("old", SECRET), "store.processing_deadline_grace_sec", 0);
    try (Rig rig = stage.rig("exchange", limits);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view()) {
      new ForeignFrames(stage, rig.settings().grpcAddress(), SECRET, verdict).play();
      rig.producer().produce(TASK, tasks);
      rig.producer().flush();
      AttachedSettings pool =
          AttachedSettings.at(rig.settings().grpcAddress(), STREAMS, CREDIT).signedBy(SECRET);
      long broken;
      try (var workers = AttachedWorkers.start(pool, List.of(TASK), rig.ledger())) {
        broken = breakStreams(rig, workers, stage.random());
        rig.awaitEnds(PATIENCE);
      }
      rig.awaitNothingLeft(view, PATIENCE);
      var exit = broker.stop(ProcessSignal.TERM);
      Account account = rig.ledger().account();
      return verdict
          .show("broken_streams", broken)
          .expect("produced", tasks, account.produced())
          .expect("completed", tasks, account.completed())
          .expect("lost", 0, account.open())
          .show("repeated", account.repeats())
          .expectNone("unexplained", rig.ledger().unexplained())
          .expectNone("wrong", rig.ledger().complaints())
          .expect("exit", 0, exit.code());
    }
  }

  /** Until half of the tasks have ended. */
  private static long breakStreams(Rig rig, AttachedWorkers workers, Random random) {
    long half = rig.ledger().unfinished() / 2;
    long broken = 0;
    while (rig.ledger().unfinished() > half) {
      workers.breakOff(random.nextInt(STREAMS));
      broken++;
      Waiting.pause(Duration.ofMillis(random.nextInt(1, 40)));
    }
    return broken;
  }
}
