package io.taskbroker.proving.tasks;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;

/** The main path. */
public final class Fetch implements Scenario {
  private static final int TASKS = 10_000;
  private static final int WORKERS = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration STOP = Duration.ofSeconds(10);
  private static final TaskKind QUICK = TaskKind.quick("fetch.quick");

  @Override
  public String name() {
    return "fetch";
  }

  @Override
  public String promise() {
    return TASKS + " tasks: all seen in the store, each handed to one of " + WORKERS + " workers";
  }

  @Override
  public Verdict play(Stage stage) {
    var limits = Map.<String, Object>of("store.max_pending_count", 15_000);
    try (Rig rig = stage.rig("fetch", limits);
        BrokerProcess broker = rig.startBroker()) {
      rig.producer().produce(QUICK, TASKS);
      rig.producer().flush();
      try (StoreWindow view = rig.view()) {
        Waiting.until("all tasks are stored", PATIENCE, () -> view.count("Pending") >= TASKS);
        long visible = view.count();
        long ids = view.distinctIds();
        try (var _ = rig.startWorkers(rig.workers(WORKERS, 4), QUICK)) {
          rig.awaitEnds(PATIENCE);
          rig.awaitNothingLeft(view, PATIENCE);
        }
        var exit = broker.stop(ProcessSignal.INT);
        Account account = rig.ledger().account();
        return new Verdict()
            .expect("produced", TASKS, account.produced())
            .expect("visible", TASKS, visible)
            .expect("distinct_ids", TASKS, ids)
            .expect("handed_out", TASKS, account.handedOut())
            .expect("completed", TASKS, account.completed())
            .expect("repeated", 0, account.repeats())
            .expect("lost", 0, account.open())
            .expect("error_lines", 0, rig.errorLines(broker))
            .expect("exit", 0, exit.code())
            .atMost("stop_ms", STOP.toMillis(), exit.took().toMillis());
      }
    }
  }
}
