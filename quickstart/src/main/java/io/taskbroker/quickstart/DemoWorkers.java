package io.taskbroker.quickstart;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.load.WorkerSettings;
import io.taskbroker.workload.load.Workers;
import io.taskbroker.workload.process.BrokerSetup;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.PushWorkerSettings;
import io.taskbroker.workload.push.PushWorkers;

/** The demo's workers: they ask for tasks, or wait to be called. */
final class DemoWorkers {
  private static final int CONNECTIONS = 4;

  private final DevSettings settings;
  private final Ledger ledger;
  private final int port = FreePorts.any();

  /** What runs until it is closed. */
  interface Crew extends AutoCloseable {
    @Override
    void close();
  }

  DemoWorkers(DevSettings settings, Ledger ledger) {
    this.settings = settings;
    this.ledger = ledger;
  }

  /** The settings of a broker that serves them so. */
  BrokerSetup servedBy(BrokerSetup broker) {
    return switch (settings.delivery()) {
      case PULL -> broker;
      case PUSH ->
          broker
              .with("delivery_mode", "push")
              .with("worker_map." + DemoTasks.APPLICATION, "http://127.0.0.1:" + port)
              .with("fetch.batch_length", Math.max(1, settings.workers()))
              .with("push.threads", Math.max(1, settings.workers()))
              .with("push.queue.size", Math.max(1, settings.workers()));
    };
  }

  Crew start(BrokerSetup broker) {
    if (settings.workers() == 0) {
      return () -> {};
    }
    return switch (settings.delivery()) {
      case PULL -> {
        var pool = WorkerSettings.at(broker.grpcAddress(), settings.workers(), CONNECTIONS);
        yield Workers.start(pool.of(DemoTasks.APPLICATION), DemoTasks.kinds(), ledger)::close;
      }
      case PUSH -> {
        var pool = new PushWorkerSettings(port, broker.grpcAddress(), settings.workers());
        yield PushWorkers.start(pool, DemoTasks.kinds(), new LedgerWitness(ledger))::close;
      }
    };
  }
}
