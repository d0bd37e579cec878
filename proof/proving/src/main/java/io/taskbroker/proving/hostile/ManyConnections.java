package io.taskbroker.proving.hostile;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import io.taskbroker.proto.v1.TaskActivation;
import io.taskbroker.proving.stage.Scenario;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.proving.stage.Verdict;
import io.taskbroker.proving.unruly.Nuisance;
import io.taskbroker.proving.unruly.UnrulyClientsProcess;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.RawTopic;
import io.taskbroker.workload.kafka.Topics;
import io.taskbroker.workload.ledger.TaskKind;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.StoreWindow;
import io.taskbroker.workload.process.Waiting;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.HdrHistogram.Histogram;

/**
 * Clients that ask and never read, that leave in the middle, and very many: the others are fine.
 */
public final class ManyConnections implements Scenario {
  private static final int RATE = 200;
  private static final int LARGE_BYTES = 4_900_000;
  private static final int LARGE_TASKS = 60;
  private static final Duration PHASE = Duration.ofSeconds(12);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final TaskKind QUICK = TaskKind.quick("connections.quick");
  private static final String OTHERS = "hoarded";

  /** The others are played by {@link HostileFloods}. */
  private static final List<Nuisance> NUISANCES =
      List.of(Nuisance.READ_NOTHING, Nuisance.LEAVE, Nuisance.BE_MANY);

  @Override
  public String name() {
    return "connections";
  }

  @Override
  public String promise() {
    return "clients that never read, that leave in the middle, and 1000 connections: p99 of the others";
  }

  @Override
  public Verdict play(Stage stage) {
    var verdict = new Verdict();
    var limits = Map.<String, Object>of("max_message_size", 6_000_000);
    try (Topics topics = Topics.at(stage.kafka().address())) {
      topics.create("connections", 1, Map.of("max.message.bytes", "6000000"));
    }
    try (Rig rig = stage.rig("connections", limits);
        BrokerProcess broker = rig.startBroker();
        StoreWindow view = rig.view();
        Workers workers = rig.startWorkers(rig.workers(8, 2).of("proving"), QUICK)) {
      storeLargeTasks(rig, view);
      Map<Nuisance, Long> cold = eachBeside(rig, workers); // the JVM has to warm up to each
      long before = phase(rig, workers);
      Map<Nuisance, Long> beside = eachBeside(rig, workers);
      long after = phase(rig, workers);
      rig.awaitEnds(PATIENCE);
      stage.say("p99 in microseconds while the broker met each for the first time: " + cold);
      long limit = 2 * Math.max(before, after);
      verdict.show("p99_before_us", before).show("p99_after_us", after);
      beside.forEach(
          (nuisance, p99) ->
              verdict.atMost("p99_beside_" + nuisance.name().toLowerCase(Locale.ROOT), limit, p99));
      verdict
          .expect("failed_calls", 0, workers.failedCalls())
          .expect("lost", 0, rig.ledger().account().open())
          .expect("errors", 0, rig.errorLines(broker))
          .expect("alive", 1, broker.process().isAlive() ? 1 : 0);
    }
    return verdict;
  }

  private static void storeLargeTasks(Rig rig, StoreWindow view) {
    try (var topic = new RawTopic(rig.settings().kafka(), rig.settings().topic())) {
      for (int i = 0; i < LARGE_TASKS; i++) {
        topic.send(
            TaskActivation.newBuilder()
                .setId("large-" + i)
                .setApplication(OTHERS)
                .setNamespace("proving")
                .setTaskname("connections.large")
                .setReceivedAt(Timestamp.newBuilder().setSeconds(Instant.now().getEpochSecond()))
                .setProcessingDeadlineDuration(600)
                .setParametersBytes(ByteString.copyFrom(new byte[LARGE_BYTES]))
                .build()
                .toByteArray());
      }
    }
    Waiting.until("the large tasks are stored", PATIENCE, () -> view.count() == LARGE_TASKS);
  }

  private static Map<Nuisance, Long> eachBeside(Rig rig, Workers workers) {
    Map<Nuisance, Long> p99 = new EnumMap<>(Nuisance.class);
    for (Nuisance nuisance : NUISANCES) {
      p99.put(nuisance, phaseBeside(nuisance, rig, workers));
    }
    return p99;
  }

  private static long phaseBeside(Nuisance nuisance, Rig rig, Workers workers) {
    Path output = rig.settings().log().resolveSibling(nuisance + ".log");
    try (var clients =
        UnrulyClientsProcess.start(rig.settings().grpcAddress(), OTHERS, nuisance, output)) {
      return phase(rig, workers, clients::begin);
    }
  }

  private static long phase(Rig rig, Workers workers) {
    return phase(rig, workers, () -> {});
  }

  /**
   * The p99 of the calls of workers, in microseconds, at a steady rate of tasks.
   *
   * @param disturbance begun after a second
   */
  private static long phase(Rig rig, Workers workers, Runnable disturbance) {
    rig.ledger().recentLatency();
    Histogram calls = workers.callMicros();
    long start = System.nanoTime();
    long sent = 0;
    boolean disturbed = false;
    while (System.nanoTime() - start < PHASE.toNanos()) {
      long due = (System.nanoTime() - start) * RATE / 1_000_000_000L;
      for (; sent < due; sent++) {
        rig.producer().produce(QUICK);
      }
      if (!disturbed && sent > RATE) {
        disturbance.run();
        disturbed = true;
      }
      Waiting.pause(Duration.ofMillis(2));
    }
    rig.awaitEnds(PATIENCE);
    Histogram since = workers.callMicros();
    since.subtract(calls);
    return since.getValueAtPercentile(99);
  }
}
