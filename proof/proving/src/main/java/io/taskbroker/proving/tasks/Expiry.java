package io.taskbroker.proving.tasks;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;

/** What nobody began in time is gone. */
public final class Expiry implements Scenario {
  private static final int TASKS = 10_000;
  private static final Duration EXPIRES = Duration.ofSeconds(15);
  private static final Duration WORKING = Duration.ofSeconds(1);
  private static final TaskKind SHORT_LIVED =
      TaskKind.quick("expiry.short-lived").expiring(EXPIRES);

  /** Upkeep's interval, and its work. */
  private static final Duration UPKEEP = Duration.ofSeconds(3);

  @Override
  public String name() {
    return "expiry";
  }

  @Override
  public String promise() {
    return TASKS + " tasks that expire after " + EXPIRES.toSeconds() + " s: all there, then none";
  }

  @Override
  public Verdict play(Stage stage) {
    var limits = Map.<String, Object>of("store.max_pending_count", 15_000);
    try (Rig rig = stage.rig("expiry", limits);
        BrokerProcess _ = rig.startBroker();
        StoreWindow view = rig.view()) {
      rig.producer().produce(SHORT_LIVED, TASKS);
      rig.producer().flush();
      Waiting.until("all tasks are stored", EXPIRES, () -> view.count("Pending") >= TASKS);
      long before = view.count("Pending");
      Waiting.pause(EXPIRES.plus(UPKEEP));
      long after = view.count();
      try (var _ = rig.startWorkers(rig.workers(20, 4), SHORT_LIVED)) {
        Waiting.pause(WORKING);
      }
      Account account = rig.ledger().account();
      return new Verdict()
          .expect("produced", TASKS, account.produced())
          .expect("visible_before", TASKS, before)
          .expect("visible_after", 0, after)
          .expect("handed_out", 0, account.handedOut());
    }
  }
}
