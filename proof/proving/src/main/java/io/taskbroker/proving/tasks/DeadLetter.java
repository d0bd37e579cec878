package io.taskbroker.proving.tasks;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import java.time.Duration;
import java.util.Map;

/** What failed for good goes where people look for it, if its producer said so. */
public final class DeadLetter implements Scenario {
  private static final int OF_EACH = 5_000;
  private static final Duration PATIENCE = Duration.ofSeconds(90);
  private static final TaskKind FORGOTTEN =
      TaskKind.quick("deadletter.forgotten").ending(Ending.DISCARD);
  private static final TaskKind KEPT = TaskKind.quick("deadletter.kept").ending(Ending.DEAD_LETTER);

  @Override
  public String name() {
    return "deadletter";
  }

  @Override
  public String promise() {
    return 2 * OF_EACH + " failures, half of them to be kept: the dead-letter topic holds those";
  }

  @Override
  public Verdict play(Stage stage) {
    try (Rig rig = stage.rig("deadletter", Map.of());
        BrokerProcess _ = rig.startBroker();
        StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(20, 4), FORGOTTEN, KEPT)) {
      for (int i = 0; i < OF_EACH; i++) {
        rig.producer().produce(FORGOTTEN);
        rig.producer().produce(KEPT);
      }
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      rig.awaitNothingLeft(view, PATIENCE);
      Account account = rig.ledger().account();
      return new Verdict()
          .expect("produced", 2L * OF_EACH, account.produced())
          .expect("discarded", OF_EACH, account.discarded())
          .expect("dead_lettered", OF_EACH, account.deadLettered())
          .expect("dead_letters", OF_EACH, rig.topics().size(rig.settings().deadLetterTopic()))
          .expect("repeated", 0, account.repeats())
          .expect("lost", 0, account.open())
          .expectNone("wrong", rig.ledger().complaints())
          .expect("left", 0, view.count());
    }
  }
}
