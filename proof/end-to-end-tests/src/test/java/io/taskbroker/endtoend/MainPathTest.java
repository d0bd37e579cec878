package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(RunningKafka.class)
class MainPathTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int OF_EACH = 300;

  private static final TaskKind QUICK = TaskKind.quick("quick");
  private static final TaskKind RETRYING = TaskKind.quick("retrying").retrying(2);
  private static final TaskKind FAILING = TaskKind.quick("failing").ending(Ending.DISCARD);
  private static final TaskKind HOPELESS =
      TaskKind.quick("hopeless").retrying(1).ending(Ending.DEAD_LETTER);
  private static final TaskKind DELAYED = TaskKind.quick("delayed").delayed(Duration.ofSeconds(2));

  @TempDir Path folder;

  @Test
  void tasksOfEveryKind_comeToTheirEnds(Kafka kafka) {
    var limits = Map.<String, Object>of("upkeep_task_interval_ms", 200);
    try (Rig rig = Rig.of(folder, kafka.address(), "main-path", limits);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view();
        var _ = rig.startWorkers(rig.workers(8, 2), QUICK, RETRYING, FAILING, HOPELESS, DELAYED)) {
      for (int i = 0; i < OF_EACH; i++) {
        rig.producer().produce(QUICK);
        rig.producer().produce(RETRYING);
        rig.producer().produce(FAILING);
        rig.producer().produce(HOPELESS);
        rig.producer().produce(DELAYED);
      }
      rig.producer().flush();
      rig.awaitEnds(PATIENCE);
      rig.awaitNothingLeft(view, PATIENCE);

      assertThat(rig.ledger().account())
          .returns(3L * OF_EACH, Account::completed)
          .returns((long) OF_EACH, Account::discarded)
          .returns((long) OF_EACH, Account::deadLettered)
          .returns((long) OF_EACH, Account::deadLetterRecords)
          .returns(3L * OF_EACH, Account::retried)
          .returns(3L * OF_EACH, Account::retryRecords)
          .returns(0L, Account::open)
          .returns(0L, Account::repeats);
      assertThat(rig.ledger().complaints()).isEmpty();
      assertThat(rig.errorLines(broker)).isZero();
    }
  }
}
