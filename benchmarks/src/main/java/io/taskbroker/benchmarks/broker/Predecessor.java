package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.Rig;
import io.taskbroker.workload.kafka.KafkaProcess;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.process.ProcessSignal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A broker that comes before the one under test, with a topic and a store of its own. What is
 * around a broker is warm when it is replaced: a Kafka that has served groups, producers and
 * workers that have worked.
 */
final class Predecessor {
  private static final String TOPIC = "predecessor";
  private static final int CONNECTIONS = 4;
  private static final int BUSY_WORKERS = 64;
  private static final int BACKLOG = 30_000;
  private static final int WAITING_WORKERS = 16;
  private static final int RATE = 500;
  private static final int STEADY = 5 * RATE;
  private static final Duration WAIT = Duration.ofSeconds(2);
  private static final Duration START = Duration.ofSeconds(60);
  private static final Duration WORK = Duration.ofMinutes(2);

  private Predecessor() {}

  /** Returns when it has worked, and its process has ended. */
  static void run(BrokerOptions options, Path folder, KafkaProcess kafka) {
    var limits = Map.<String, Object>of("store.max_pending_count", 2 * BACKLOG);
    try (var rig = Rig.of(folder, kafka.address(), TOPIC, limits);
        BrokerProcess broker = options.launch(rig.settings()).awaitServing(START)) {
      try (var _ = rig.startWorkers(rig.workers(BUSY_WORKERS, CONNECTIONS), BrokerUnderTest.TASK)) {
        rig.producer().produce(BrokerUnderTest.TASK, BACKLOG);
        rig.producer().flush();
        rig.awaitEnds(WORK);
      }
      WorkerSettings waiting = rig.workers(WAITING_WORKERS, CONNECTIONS).waiting(WAIT);
      try (var _ = rig.startWorkers(waiting, BrokerUnderTest.TASK)) {
        SteadyFlow.produce(STEADY, RATE, _ -> rig.producer().produce(BrokerUnderTest.TASK));
        rig.awaitEnds(WORK);
      }
      broker.stop(ProcessSignal.TERM);
    }
  }
}
