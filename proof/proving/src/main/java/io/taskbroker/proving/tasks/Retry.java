package io.taskbroker.proving.tasks;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import java.time.Duration;
import java.util.Map;

/** Retries go through Kafka, as tasks of their own. */
public final class Retry implements Scenario {
  private static final int TASKS = 5_000;
  private static final int RETRIES = 3;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final TaskKind STUBBORN = TaskKind.quick("retry.stubborn").retrying(RETRIES);

  @Override
  public String name() {
    return "retry";
  }

  @Override
  public String promise() {
    return TASKS + " tasks, each retried " + RETRIES + " times: no retry lost, none made twice";
  }

  @Override
  public Verdict play(Stage stage) {
    try (Rig rig = stage.rig("retry", Map.of());
        BrokerProcess _ = rig.startBroker();
        StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(20, 4), STUBBORN)) {
      rig.producer().produce(STUBBORN, TASKS);
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      rig.awaitNothingLeft(view, PATIENCE);
      Account account = rig.ledger().account();
      return new Verdict()
          .expect("produced", TASKS, account.produced())
          .expect("retried", (long) TASKS * RETRIES, account.retried())
          .expect("retry_records", (long) TASKS * RETRIES, account.retryRecords())
          .expect("completed", TASKS, account.completed())
          .expect("repeated", 0, account.repeats())
          .expect("lost", 0, account.open())
          .expectNone("renamed", rig.ledger().complaints())
          .expect("left", 0, view.count());
    }
  }
}
