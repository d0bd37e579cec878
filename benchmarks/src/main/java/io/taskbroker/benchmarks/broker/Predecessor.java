package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.load.WorkerSettings;
import java.time.Duration;

/**
 * What a broker does that comes before the one under test. What is around a broker is warm when it
 * is replaced: a Kafka that has served groups, producers and workers that have worked.
 */
final class Predecessor {
  /** Of tasks that somebody wants to measure the doing of. */
  static final int BACKLOG = 100_000;

  private static final String APPLICATION = "shop";
  private static final int WORKERS = 16;
  private static final int CONNECTIONS = 4;
  private static final int RATE = 500;
  private static final Duration STEADY = Duration.ofSeconds(5);
  private static final Duration WAIT = Duration.ofSeconds(2);

  private Predecessor() {}

  /** A backlog that these workers do. */
  static void drain(BrokerUnderTest broker, WorkerSettings pool) {
    var _ = broker.drain(pool, broker.fill(APPLICATION, BACKLOG));
  }

  /** A steady flow to workers whose calls wait for a task. */
  static void flow(BrokerUnderTest broker) {
    WorkerSettings waiting = broker.workers(WORKERS, CONNECTIONS).waiting(WAIT);
    var _ = SteadyFlow.of(broker, waiting, RATE, STEADY);
  }
}
