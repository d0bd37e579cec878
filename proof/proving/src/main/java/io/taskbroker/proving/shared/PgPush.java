package io.taskbroker.proving.shared;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.PushWorkerProcess;
import io.taskbroker.workload.push.PushWorkerSettings;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A database that the broker makes, looks into while it works, and that is dropped behind it. */
public final class PgPush implements Scenario {
  private static final String TOPIC = "pgpush";
  private static final int TASKS = 500;
  private static final int PLACES = 32;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final TaskKind KIND =
      TaskKind.quick("pgpush.task").working(Duration.ofMillis(300));

  @Override
  public String name() {
    return "pgpush";
  }

  @Override
  public String promise() {
    return "%d tasks are pushed from a database that the broker creates; its view shows them in"
            .formatted(TASKS)
        + " their states, and it can be dropped once the broker has stopped";
  }

  @Override
  public Verdict play(Stage stage) {
    int port = FreePorts.any();
    try (SharedDatabase database = SharedDatabase.startWithout("fresh")) {
      Map<String, Object> settings = new TreeMap<>(database.settings());
      settings.put("delivery_mode", "push");
      settings.put("push.timeout", "5s");
      settings.put("worker_map.proving", "http://127.0.0.1:" + port);
      try (Rig rig = stage.rig(TOPIC, settings);
          BrokerProcess broker = rig.startBroker()) {
        Verdict verdict = new Verdict();
        rig.producer().produce(KIND, TASKS);
        rig.producer().flush();
        Waiting.until("all are stored", PATIENCE, () -> database.unfinished() == TASKS);
        var witness = new LedgerWitness(rig.ledger());
        var at = new PushWorkerSettings(port, rig.settings().grpcAddress(), PLACES);
        try (var _ =
            PushWorkerProcess.start(
                at, Conduct.WORK, stage.folder().resolve("workers.log"), witness)) {
          Set<String> seen = watch(database);
          rig.awaitEnds(PATIENCE);
          verdict
              .show("states", seen)
              .expect("states_seen", 1, seen.containsAll(Set.of("Pending", "Processing")) ? 1 : 0)
              .expect("lost", 0, rig.ledger().unfinished())
              .expect("repeated", 0, rig.ledger().account().repeats());
          stopUnderWork(rig, broker, database, verdict);
        }
        return verdict;
      }
    }
  }

  /** The states that the view shows until nothing is left. */
  private static Set<String> watch(SharedDatabase database) {
    Set<String> seen = new TreeSet<>();
    Waiting.untilNothingLeft(
        "the view is empty",
        PATIENCE,
        () -> {
          seen.addAll(database.ask("SELECT DISTINCT status FROM inflight_taskactivations"));
          return database.unfinished();
        });
    return seen;
  }

  /** The broker stops with tasks in every hand, and nothing keeps the database. */
  private static void stopUnderWork(
      Rig rig, BrokerProcess broker, SharedDatabase database, Verdict verdict) {
    long before = rig.ledger().handouts();
    rig.producer().produce(KIND, TASKS);
    rig.producer().flush();
    Waiting.until("workers have some", PATIENCE, () -> rig.ledger().handouts() > before + PLACES);
    var exit = broker.stop(ProcessSignal.TERM);
    long left = database.unfinished();
    database.server().run("postgres", "DROP DATABASE " + database.name());
    verdict
        .atLeast("left_in_the_view", 1, left)
        .expect("exit", 0, exit.code())
        .expect("error_lines", 0, rig.errorLines(broker));
  }
}
