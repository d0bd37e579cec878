package io.taskbroker.proving.shared;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ending;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;

/** Retries and dead letters that a store has kept for long leave once, whoever looks at them. */
public final class PgRetries implements Scenario {
  private static final String TOPIC = "pgretries";
  private static final int PARTITIONS = 4;
  private static final int OF_EACH = 5_000;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final TaskKind RETRIED = TaskKind.quick("pgretries.retried").retrying(1);
  private static final TaskKind KEPT = TaskKind.quick("pgretries.kept").ending(Ending.DEAD_LETTER);

  @Override
  public String name() {
    return "pgretries";
  }

  @Override
  public String promise() {
    return "%d retries and as many dead letters, two minutes old, before two brokers: Kafka gets"
            .formatted(OF_EACH)
        + " each once";
  }

  @Override
  public Verdict play(Stage stage) {
    int each = stage.some(OF_EACH, 1_000);
    try (SharedDatabase database = SharedDatabase.start(Map.of())) {
      Map<String, Object> settings = new TreeMap<>(database.settings());
      settings.put("store.max_pending_count", 4 * OF_EACH);
      try (Rig rig = stage.rig(TOPIC, PARTITIONS, settings);
          SharingBroker first = SharingBroker.of(rig, "first");
          SharingBroker second = SharingBroker.of(rig, "second")) {
        store(rig, database, first, each);
        Verdict verdict = new Verdict();
        first.launch();
        second.launch();
        try (var _ = rig.startWorkers(WorkerSettings.at(first.address(), 16, 2), RETRIED, KEPT);
            var _ = rig.startWorkers(WorkerSettings.at(second.address(), 16, 2), RETRIED, KEPT)) {
          rig.awaitEnds(PATIENCE);
          Waiting.untilNothingLeft("the store is empty", PATIENCE, database::unfinished);
          rig.catchUp();
        }
        judge(rig, each, verdict);
        return verdict
            .expect("exit_of_the_first", 0, first.stop())
            .expect("exit_of_the_second", 0, second.stop());
      }
    }
  }

  /** Rows that a broker has stored, brought to their states while none is there. */
  private static void store(Rig rig, SharedDatabase database, SharingBroker broker, int each) {
    rig.producer().produce(RETRIED, each);
    rig.producer().produce(KEPT, each);
    rig.producer().flush();
    broker.launch().awaitServing();
    Waiting.until("all are stored", PATIENCE, () -> database.unfinished() >= 2L * each);
    Waiting.untilNothingLeft(
        "all offsets are committed",
        PATIENCE,
        () -> rig.topics().lag(rig.settings().group(), rig.settings().topic()));
    int _ = broker.stop();
    database.run(
        "UPDATE taskbroker_task SET status = 4, added_at = added_at - 120000"
            + " WHERE taskname = '%s'".formatted(RETRIED.taskname()),
        """
        UPDATE taskbroker_task SET status = 5, added_at = added_at - 120000, failure_cause = 0,
          failed_at = added_at - 120000 WHERE taskname = '%s'\
        """
            .formatted(KEPT.taskname()));
  }

  private static void judge(Rig rig, int each, Verdict verdict) {
    Account account = rig.ledger().account();
    verdict
        .expect("produced", 2L * each, account.produced())
        .expect("retry_records", each, account.retryRecords())
        .expect("dead_letter_records", each, account.deadLetterRecords())
        .expect("completed", each, account.completed())
        .expect("handed_out", each, account.handedOut())
        .expect("lost", 0, account.open())
        .expectNone("wrong", rig.ledger().complaints());
  }
}
