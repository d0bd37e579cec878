package io.taskbroker.benchmarks.broker;

import io.taskbroker.workload.load.WorkerSettings;
import java.time.Duration;

/**
 * What a broker does that comes before the one under test. What is around a broker is warm when it
 * is replaced: a Kafka that has served groups, producers and workers that have worked.
 */
final class Predecessor {
  /** Tasks that warm up what is around the broker. */
  static final int BACKLOG = 100_000;

  private static final String APPLICATION = "shop";
  private static final int BUSY_WORKERS = 64;
  private static final int WAITING_WORKERS = 16;
  private static final int CONNECTIONS = 4;
  private static final int RATE = 500;
  private static final Duration STEADY = Duration.ofSeconds(5);
  private static final Duration WAIT = Duration.ofSeconds(2);

  private Predecessor() {}

  /** Works off a backlog. */
  static void drain(BrokerUnderTest broker) {
    WorkerSettings busy = broker.workers(BUSY_WORKERS, CONNECTIONS);
    var _ = broker.drain(busy, broker.fill(APPLICATION, BACKLOG));
  }

  /** The same, and then a steady flow to workers whose calls wait for a task. */
  static void drainAndFlow(BrokerUnderTest broker) {
    drain(broker);
    WorkerSettings waiting = broker.workers(WAITING_WORKERS, CONNECTIONS).waiting(WAIT);
    var _ = SteadyFlow.of(broker, waiting, RATE, STEADY);
  }
}
