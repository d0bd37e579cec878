package io.taskbroker.proving.program;

import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.JvmMemory;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A broker in little memory keeps many tasks, takes no more than fit, and lives on. */
public final class Memory implements Scenario {
  private static final int TASKS = 180_000;

  /** What the launcher and the image give to a broker in a container of 512 MB: 60 % of it. */
  private static final String HEAP = "307m";

  /** A container of which so little is the heap's that the tasks do not fit. */
  private static final String SMALL_HEAP = "96m";

  private static final long CONTAINER_BYTES = 512L << 20;
  private static final Duration START = Duration.ofMinutes(2);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final TaskKind QUICK = TaskKind.quick("memory.quick");
  private static final TaskKind FAR = TaskKind.quick("memory.far").delayed(Duration.ofDays(30));
  private static final String FULL = "the stored tasks fill the memory";

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public String promise() {
    return TASKS + " tasks of 1 KB in a container of 512 MB; more than fit are held, and let in";
  }

  @Override
  public Verdict play(Stage stage) {
    var verdict = new Verdict();
    keepMany(stage, verdict);
    holdTooMany(stage, verdict);
    return verdict;
  }

  private static void keepMany(Stage stage, Verdict verdict) {
    try (Rig rig = stage.rig("memory", Map.of("store.max_pending_count", 1_000_000));
        BrokerProcess broker = launch(rig, HEAP);
        StoreWindow view = rig.view()) {
      long before = JvmMemory.liveHeapBytes(broker.process());
      rig.producer().produce(QUICK, TASKS);
      rig.producer().flush();
      Waiting.until("all are stored", PATIENCE, () -> view.count() == TASKS);
      long rowBytes = (JvmMemory.liveHeapBytes(broker.process()) - before) / TASKS;
      long full = JvmMemory.residentBytes(broker.process());
      try (var _ = rig.startWorkers(rig.workers(32, 4), QUICK)) {
        rig.awaitEnds(PATIENCE);
      }
      rig.awaitNothingLeft(view, PATIENCE);
      long drained = JvmMemory.residentBytes(broker.process());
      verdict
          .show("heap", HEAP)
          .show("heap_bytes_per_task", rowBytes)
          .atMost("rss_full", CONTAINER_BYTES, full)
          .atMost("rss_drained", CONTAINER_BYTES, drained)
          .expect("lost", 0, rig.ledger().account().open())
          .expect("errors", 0, rig.errorLines(broker));
    }
  }

  private static void holdTooMany(Stage stage, Verdict verdict) {
    var limits =
        Map.<String, Object>of(
            "store.max_pending_count", 1_000_000, "kafka_session_timeout_ms", 30_000);
    try (Rig rig = stage.in("small").rig("memory-small", limits);
        BrokerProcess broker = launch(rig, SMALL_HEAP);
        StoreWindow view = rig.view()) {
      rig.producer().produce(FAR, 20_000);
      rig.producer().produce(QUICK, TASKS);
      rig.producer().flush();
      Waiting.until(
          "intake is held, and says why",
          PATIENCE,
          () -> broker.process().output().contains(FULL) || !broker.process().isAlive());
      long held = view.count();
      stage.say("held at " + held + " rows: " + lineWith(broker, FULL));
      try (var _ = rig.startWorkers(rig.workers(32, 4), QUICK)) {
        Waiting.until(
            "everything is done but what is far",
            PATIENCE,
            () -> rig.ledger().unfinished() == 20_000);
      }
      verdict
          .show("small_heap", SMALL_HEAP)
          .show("held_at_rows", held)
          .expect("far_left", 20_000, view.count("Delay"))
          .expect("small_alive", 1, broker.process().isAlive() ? 1 : 0)
          .expect("small_errors", 0, rig.errorLines(broker))
          .expectNone(
              "not_said",
              lineWith(broker, "goes on after").isEmpty()
                  ? List.of("that intake goes on")
                  : List.of());
    }
  }

  private static BrokerProcess launch(Rig rig, String heap) {
    List<String> container =
        List.of("-XX:+ExitOnOutOfMemoryError", "-XX:MaxDirectMemorySize=96m", "-XX:+UseSerialGC");
    return BrokerProcess.launch(rig.settings(), heap, container).awaitServing(START);
  }

  private static String lineWith(BrokerProcess broker, String words) {
    return broker
        .process()
        .output()
        .lines()
        .filter(line -> line.contains(words))
        .findFirst()
        .orElse("");
  }
}
