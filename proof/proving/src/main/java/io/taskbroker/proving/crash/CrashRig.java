package io.taskbroker.proving.crash;

import io.taskbroker.proving.machine.CrashPoint;
import io.taskbroker.proving.machine.Preload;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A broker that is killed again and again, on the same store, and a few workers. */
final class CrashRig implements AutoCloseable {
  private static final String TOPIC = "crash";
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** Short, so that the next one has the partition soon, and leases end. */
  private static final Map<String, Object> LIMITS =
      Map.of(
          "kafka_session_timeout_ms",
          1_500,
          "store.processing_deadline_grace_sec",
          0,
          "upkeep_deadline_reset_skip_after_startup_sec",
          0);

  private final Rig rig;
  private final BrokerSetup settings;
  private final Path store;
  private final CrashPoint point;
  private final List<TaskKind> kinds;
  private @Nullable BrokerProcess broker;
  private @Nullable Workers workers;

  private CrashRig(Rig rig, Path data, CrashPoint point, List<TaskKind> kinds) {
    this.rig = rig;
    this.store = data.resolve("inflight.sqlite");
    this.settings = rig.settings().with("store.sqlite.path", store.toString());
    this.point = point;
    this.kinds = kinds;
  }

  /**
   * @param kinds that its workers know
   */
  static CrashRig on(Stage stage, List<TaskKind> kinds) {
    try {
      Path data = Files.createDirectories(stage.folder().resolve("data")).toRealPath();
      CrashPoint point = CrashPoint.of(data, stage.folder().resolve("tools"));
      return new CrashRig(stage.rig(TOPIC, LIMITS), data, point, kinds);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + stage.folder(), e);
    }
  }

  Ledger ledger() {
    return rig.ledger();
  }

  CrashPoint point() {
    return point;
  }

  void produce(TaskKind kind) {
    rig.producer().produce(kind);
    rig.producer().flush();
  }

  boolean isCommitted() {
    return rig.topics().lag(TOPIC, TOPIC) == 0;
  }

  void awaitCommitted() {
    Waiting.until("all is committed", PATIENCE, this::isCommitted);
  }

  boolean isEmpty() {
    try (StoreWindow view = StoreWindow.open(store)) {
      return view.count() == 0;
    }
  }

  void work() {
    workers = rig.startWorkers(rig.workers(2, 1), kinds.toArray(TaskKind[]::new));
  }

  private BrokerProcess broker() {
    BrokerProcess now = broker;
    if (now == null) {
      throw new IllegalStateException("no broker was started");
    }
    return now;
  }

  void askToStop() {
    broker().process().signal(ProcessSignal.TERM);
  }

  boolean hasStopped() {
    return !broker().process().isAlive() && broker().process().awaitExit(PATIENCE) == 0;
  }

  boolean isAlive() {
    BrokerProcess now = broker;
    return now != null && now.process().isAlive();
  }

  /** Whether the last one has ended otherwise than in order. */
  boolean wasKilled() {
    return !isAlive() && !hasStopped();
  }

  /** Starts one if none runs. */
  void start() {
    if (!isAlive()) {
      point.disarm();
      broker =
          BrokerProcess.launchSmall(Preload.wrapper(point.preload()), settings)
              .awaitServing(PATIENCE);
    }
  }

  /** Lets workers do all that is left, until nothing is. */
  void finish() {
    start();
    if (workers == null) {
      work();
    }
    Waiting.until(
        "nothing is left, see " + settings.log(), PATIENCE, () -> isCommitted() && isEmpty());
    sendHome();
    rig.catchUp();
  }

  void sendHome() {
    Workers some = workers;
    workers = null;
    if (some != null) {
      some.close();
    }
  }

  @Override
  public void close() {
    BrokerProcess last = broker;
    if (last != null) {
      last.close();
    }
    Workers some = workers;
    if (some != null) {
      some.close();
    }
    rig.close();
  }
}
