package io.taskbroker.proving.crash;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.machine.CrashPoint;
import io.taskbroker.proving.machine.Preload;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.ProcessSignal;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.PushWorkerSettings;
import io.taskbroker.workload.push.PushWorkers;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
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

  /** With these a lease lasts some four seconds. */
  private static final Map<String, Object> PUSH =
      Map.of(
          "delivery_mode",
          "push",
          "fetch.batch_length",
          1,
          "push.threads",
          2,
          "push.queue.size",
          2,
          "push.timeout",
          "1s",
          "push.queue.timeout",
          "100ms");

  /**
   * A call may wait for its turn and then be on its way for that long, as {@link #PUSH} says. The
   * first call of a young process takes a part of it, and may cross the report of the one before.
   */
  private static final Duration ON_THE_WAY = Duration.ofMillis(1_100);

  private static final Duration DEADLINE = Duration.ofSeconds(2);
  private static final int PLACES = 2;

  private final Rig rig;
  private final BrokerSetup settings;
  private final Path store;
  private final CrashPoint point;
  private final Supplier<Crew> crews;
  private @Nullable BrokerProcess broker;
  private @Nullable Crew crew;

  private CrashRig(Rig rig, Path data, CrashPoint point, Supplier<Crew> crews) {
    this.rig = rig;
    this.store = data.resolve("inflight.sqlite");
    this.settings = rig.settings().with("store.sqlite.path", store.toString());
    this.point = point;
    this.crews = crews;
  }

  /**
   * Its workers ask.
   *
   * @param kinds that they know
   */
  static CrashRig pulled(Stage stage, List<TaskKind> kinds) {
    return pulled(stage, kinds, Map.of());
  }

  /**
   * Its workers ask.
   *
   * @param kinds that they know
   * @param further settings of the broker
   */
  static CrashRig pulled(Stage stage, List<TaskKind> kinds, Map<String, Object> further) {
    Rig rig = stage.rig(topic(stage), with(further));
    return on(
        stage,
        rig,
        () -> rig.startWorkers(rig.workers(PLACES, 1), kinds.toArray(TaskKind[]::new))::close);
  }

  /**
   * Its workers are called.
   *
   * @param kinds that they know
   */
  static CrashRig pushed(Stage stage, List<TaskKind> kinds) {
    int port = FreePorts.any();
    Map<String, Object> further = new HashMap<>(PUSH);
    further.put("worker_map.proving", "http://127.0.0.1:" + port);
    Rig rig = stage.rig(topic(stage), with(further));
    var workers = new PushWorkerSettings(port, rig.settings().grpcAddress(), PLACES);
    var witness = new LedgerWitness(rig.ledger(), "", ON_THE_WAY);
    return on(stage, rig, () -> PushWorkers.start(workers, kinds, witness)::close);
  }

  private static Map<String, Object> with(Map<String, Object> further) {
    Map<String, Object> limits = new HashMap<>(LIMITS);
    limits.putAll(further);
    return limits;
  }

  private static String topic(Stage stage) {
    return TOPIC + "-" + stage.folder().getFileName();
  }

  private static CrashRig on(Stage stage, Rig rig, Supplier<Crew> crews) {
    try {
      Path data = Files.createDirectories(stage.folder().resolve("data")).toRealPath();
      CrashPoint point = CrashPoint.of(data, stage.folder().resolve("tools"));
      return new CrashRig(rig, data, point, crews);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot prepare " + stage.folder(), e);
    }
  }

  /** Its worker has little time, so that nobody has to wait for what is awaited. */
  static TaskKind kind(String name) {
    return TaskKind.quick("crash." + name).within(DEADLINE);
  }

  String kafka() {
    return rig.settings().kafka();
  }

  String topic() {
    return rig.settings().topic();
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
    return rig.topics().lag(settings.group(), topic()) == 0;
  }

  void awaitCommitted() {
    Waiting.until("all is committed", PATIENCE, this::isCommitted);
  }

  boolean isEmpty() {
    try (StoreWindow view = StoreWindow.open(store)) {
      return view.count() == 0;
    }
  }

  /** How long the log's file is. */
  long logBytes() {
    return store.resolveSibling(store.getFileName() + "-wal").toFile().length();
  }

  void work() {
    crew = crews.get();
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
    if (crew == null) {
      work();
    }
    Waiting.until(
        "nothing is left, see " + settings.log(), PATIENCE, () -> isCommitted() && isEmpty());
    sendHome();
    rig.catchUp();
  }

  /** Another process, in good order. */
  void restart() {
    askToStop();
    Waiting.until("the broker has stopped", PATIENCE, this::hasStopped);
    start();
  }

  private void sendHome() {
    Crew some = crew;
    crew = null;
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
    Crew some = crew;
    if (some != null) {
      some.close();
    }
    rig.close();
  }
}
