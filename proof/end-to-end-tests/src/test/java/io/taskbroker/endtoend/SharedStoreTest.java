package io.taskbroker.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.taskbroker.embeddedkafka.Kafka;
import io.taskbroker.embeddedpostgres.PostgresServer;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Two brokers that share a database. */
@ExtendWith(RunningKafka.class)
class SharedStoreTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int PARTITIONS = 4;
  private static final int TASKS = 400;

  private static final TaskKind PLAIN =
      TaskKind.quick("plain").working(Duration.ofMillis(20)).within(Duration.ofSeconds(5));
  private static final TaskKind RETRIED =
      TaskKind.quick("retried")
          .working(Duration.ofMillis(20))
          .within(Duration.ofSeconds(5))
          .retrying(1);

  private static final PostgresServer SERVER = PostgresServer.shared();

  @TempDir Path folder;

  private final String database = SERVER.createDatabase();

  private Map<String, Object> settings() {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("store.adapter", "postgres");
    settings.put("store.pg.run_migrations", true);
    settings.put("store.pg.host", "127.0.0.1");
    settings.put("store.pg.port", SERVER.port());
    settings.put("store.pg.database_name", database);
    settings.put("store.processing_deadline_grace_sec", 0);
    settings.put("upkeep_deadline_reset_skip_after_startup_sec", 1);
    settings.put("upkeep_task_interval_ms", 200);
    return settings;
  }

  @Test
  void whatABrokerHadGoesOnWithTheOther_killedOrStopped(Kafka kafka) {
    try (Rig rig =
        Rig.of(folder.resolve("one"), kafka.address(), "shared", PARTITIONS, settings())) {
      BrokerSetup second =
          BrokerSetup.of(folder.resolve("two"), kafka.address(), "shared")
              .with("kafka_auto_offset_reset", "earliest");
      for (var setting : settings().entrySet()) {
        second = second.with(setting.getKey(), setting.getValue());
      }
      try (var _ = rig.startWorkers(rig.workers(8, 2), PLAIN, RETRIED);
          var _ = rig.startWorkers(WorkerSettings.at(second.grpcAddress(), 8, 2), PLAIN, RETRIED);
          BrokerProcess other = BrokerProcess.start(second)) {
        try (BrokerProcess killed = rig.startBroker()) {
          produce(rig);
          killed.kill();
        }
        produce(rig);
        try (BrokerProcess stopped = rig.startBroker()) {
          produce(rig);
          var _ = stopped.stop(ProcessSignal.TERM);
        }
        produce(rig);
        rig.awaitEnds(PATIENCE);
        Waiting.untilNothingLeft("the store is empty", PATIENCE, SharedStoreTest.this::stored);
        rig.catchUp();
        assertThat(rig.errorLines(other)).isZero();
      }

      Account account = rig.ledger().account();
      assertThat(account)
          .as("%s", account)
          .returns(8L * TASKS, Account::completed)
          .returns(4L * TASKS, Account::retried)
          .returns(0L, Account::open)
          .returns(0L, Account::unexplained);
      assertThat(rig.ledger().complaints()).isEmpty();
    }
  }

  private static void produce(Rig rig) {
    rig.producer().produce(PLAIN, TASKS);
    rig.producer().produce(RETRIED, TASKS);
    rig.producer().flush();
  }

  private long stored() {
    return Long.parseLong(
        SERVER.ask(database, "SELECT count(*) FROM inflight_taskactivations").getFirst());
  }
}
