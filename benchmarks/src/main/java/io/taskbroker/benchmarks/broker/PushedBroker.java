package io.taskbroker.benchmarks.broker;

import io.taskbroker.benchmarks.Figures;
import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.process.Waiting;
import io.taskbroker.workload.push.PushWorkerSettings;
import io.taskbroker.workload.push.PushWorkers;
import java.time.Duration;
import java.util.List;

/**
 * A broker that calls its workers, with all that can be batched in batches. The workers are in this
 * process, and there only while they are measured.
 */
final class PushedBroker implements AutoCloseable {
  static final String APPLICATION = "shop";

  private static final int BATCH = 64;
  private static final Duration PATIENCE = Duration.ofMinutes(20);

  private final BrokerUnderTest broker;
  private final int port;
  private final int places;

  private PushedBroker(BrokerUnderTest broker, int port, int places) {
    this.broker = broker;
    this.port = port;
    this.places = places;
  }

  /**
   * @param slots pushes under way at once
   * @param places tasks that the workers have at once
   */
  static PushedBroker start(
      ReplacedBroker replaced, BrokerOptions options, Figures figures, int slots, int places)
      throws InterruptedException {
    int port = FreePorts.any();
    figures.remark(
        "push: %d slots, batches of %d, workers with %d places".formatted(slots, BATCH, places));
    return new PushedBroker(
        replaced.start(
            options,
            figures,
            settings -> pushing(settings, port, slots),
            broker -> new PushedBroker(broker, port, places).drain(Predecessor.BACKLOG)),
        port,
        places);
  }

  private static BrokerSetup pushing(BrokerSetup settings, int port, int slots) {
    return settings
        .with("delivery_mode", "push")
        .with("worker_map." + APPLICATION, "http://127.0.0.1:" + port)
        .with("fetch.batch_length", BATCH)
        .with("push.threads", slots)
        .with("push.queue.size", BATCH)
        .with("push.update.batched", true)
        .with("push.update.batch.length", BATCH);
  }

  /**
   * Stores a backlog while no worker is there, lets workers do it, and measures that from the first
   * task that one of them accepts: when the broker finds its workers is no matter here.
   */
  Pushed drain(int tasks) {
    Ledger ledger = broker.fill(APPLICATION, tasks);
    var first = new FirstPush(ledger);
    Duration cpuBefore = broker.cpuTime();
    try (var _ = startWorkers(first)) {
      Waiting.until("all tasks are done", PATIENCE, () -> ledger.unfinished() == 0);
      Duration took = Duration.ofNanos(System.nanoTime() - first.nanos());
      return new Pushed(ledger.account(), took, broker.cpuTime().minus(cpuBefore));
    }
  }

  PushWorkers startWorkers(FirstPush witness) {
    return PushWorkers.start(
        new PushWorkerSettings(port, broker.grpcAddress(), places),
        List.of(BrokerUnderTest.TASK),
        witness);
  }

  BrokerUnderTest broker() {
    return broker;
  }

  @Override
  public void close() {
    broker.close();
  }
}
