package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.WorkerSettings.Unheard;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The short form of {@code prove kill}. */
@ExtendWith(RunningKafka.class)
class CrashTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int KILLS = 5;
  private static final int TASKS_PER_LIFE = 600;

  private static final TaskKind PLAIN = kind("plain");
  private static final TaskKind RETRIED = kind("retried").retrying(1);

  @TempDir Path folder;

  private static TaskKind kind(String taskname) {
    return TaskKind.quick(taskname).working(Duration.ofMillis(20)).within(Duration.ofSeconds(2));
  }

  @Test
  void aBrokerThatIsKilledAtRandomMoments_losesNothing(Kafka kafka) {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    var limits =
        Map.<String, Object>of(
            "store.processing_deadline_grace_sec",
            0,
            "upkeep_deadline_reset_skip_after_startup_sec",
            1,
            "upkeep_task_interval_ms",
            200);
    try (Rig rig = Rig.of(folder, kafka.address(), "crash", limits);
        var _ = rig.startWorkers(rig.workers(8, 2), PLAIN, RETRIED);
        var _ = rig.startWorkers(rig.workers(8, 2).whenUnheard(Unheard.FORGET), PLAIN, RETRIED)) {
      for (int kill = 0; kill < KILLS; kill++) {
        try (BrokerProcess broker = rig.startBroker()) {
          rig.producer().produce(PLAIN, TASKS_PER_LIFE / 2);
          rig.producer().produce(RETRIED, TASKS_PER_LIFE / 2);
          Waiting.pause(Duration.ofMillis(random.nextInt(700)));
          broker.kill();
        }
      }
      rig.producer().flush();
      try (BrokerProcess _ = rig.startBroker();
          StoreWindow view = rig.view()) {
        rig.awaitEnds(PATIENCE);
        rig.awaitNothingLeft(view, PATIENCE);
      }

      Account account = rig.ledger().account();
      assertThat(account)
          .as("seed %d, %s", seed, account)
          .returns((long) KILLS * TASKS_PER_LIFE, Account::completed)
          .returns((long) KILLS * TASKS_PER_LIFE / 2, Account::retried)
          .returns(0L, Account::open)
          .returns(0L, Account::unexplained);
      assertThat(rig.ledger().complaints()).isEmpty();
    }
  }
}
