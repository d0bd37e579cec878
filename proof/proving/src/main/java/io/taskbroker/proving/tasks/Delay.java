package io.taskbroker.proving.tasks;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Random;

/** A delay is kept to. */
public final class Delay implements Scenario {
  private static final int TASKS = 5_000;
  private static final int SHORTEST_SECONDS = 20;
  private static final int LONGEST_SECONDS = 40;
  private static final Duration LOOK = Duration.ofMillis(100);
  private static final Duration PATIENCE = Duration.ofSeconds(LONGEST_SECONDS + 10L);

  @Override
  public String name() {
    return "delay";
  }

  @Override
  public String promise() {
    return "%d tasks delayed by %d to %d s: none released early, all in the end"
        .formatted(TASKS, SHORTEST_SECONDS, LONGEST_SECONDS);
  }

  @Override
  public Verdict play(Stage stage) {
    var limits = Map.<String, Object>of("store.max_pending_count", 15_000);
    try (Rig rig = stage.rig("delay", limits);
        BrokerProcess _ = rig.startBroker();
        StoreWindow view = rig.view()) {
      produce(rig, stage.random());
      Waiting.until("all tasks are stored", PATIENCE, () -> view.count() >= TASKS);
      long delayed = view.count("Delay");
      long early = 0;
      Instant end = Instant.now().plus(PATIENCE);
      while (view.count("Pending") < TASKS && Instant.now().isBefore(end)) {
        long latest = view.latestDelayOfReleased();
        early += latest > Instant.now().getEpochSecond() ? 1 : 0;
        Waiting.pause(LOOK);
      }
      return new Verdict()
          .show("seed", stage.seed())
          .expect("produced", TASKS, rig.ledger().account().produced())
          .expect("delayed_first", TASKS, delayed)
          .expect("seen_early", 0, early)
          .expect("pending_last", TASKS, view.count("Pending"));
    }
  }

  private static void produce(Rig rig, Random random) {
    for (int i = 0; i < TASKS; i++) {
      int seconds = random.nextInt(SHORTEST_SECONDS, LONGEST_SECONDS + 1);
      rig.producer()
          .produce(TaskKind.quick("delay." + seconds).delayed(Duration.ofSeconds(seconds)));
    }
    rig.producer().flush();
  }
}
