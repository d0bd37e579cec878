package io.taskbroker.proving.push;

import io.taskbroker.embeddedkafka.FreePorts;
import io.taskbroker.proving.stage.Stage;
import io.taskbroker.workload.Rig;
import io.taskbroker.workload.process.BrokerProcess;
import io.taskbroker.workload.push.Conduct;
import io.taskbroker.workload.push.LedgerWitness;
import io.taskbroker.workload.push.PushWorkerProcess;
import io.taskbroker.workload.push.PushWorkerSettings;
import io.taskbroker.workload.push.Witness;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** A rig whose broker pushes to workers in a process of their own, always on the same port. */
final class PushRig implements AutoCloseable {
  static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final int PLACES = 256;

  /** Short, so that nobody has to wait for what is awaited: a lease of some five seconds. */
  private static final Map<String, Object> SETTINGS =
      Map.of(
          "delivery_mode", "push",
          "fetch.batch_length", 4,
          "push.threads", 16,
          "push.timeout", "1s",
          "push.queue.size", 16,
          "push.queue.timeout", "200ms",
          "store.processing_deadline_grace_sec", 0,
          "upkeep_deadline_reset_skip_after_startup_sec", 1);

  private final Rig rig;
  private final int port;
  private final LedgerWitness witness;
  private int lives;

  private PushRig(Rig rig, int port) {
    this.rig = rig;
    this.port = port;
    this.witness = new LedgerWitness(rig.ledger());
  }

  /**
   * @param further settings of the broker
   */
  static PushRig on(Stage stage, String topic, Map<String, Object> further) {
    int port = FreePorts.any();
    return on(stage, topic, further, port, "http://127.0.0.1:" + port);
  }

  /**
   * @param further settings of the broker
   * @param port where the workers listen
   * @param address where the broker looks for them
   */
  static PushRig on(
      Stage stage, String topic, Map<String, Object> further, int port, String address) {
    Map<String, Object> all = new HashMap<>(SETTINGS);
    all.putAll(further);
    all.put("worker_map.proving", address);
    return new PushRig(
        Rig.of(stage.folder().resolve(topic), stage.kafka().address(), topic, all), port);
  }

  Rig rig() {
    return rig;
  }

  BrokerProcess startBroker() {
    return rig.startBroker();
  }

  PushWorkerProcess startWorkers(Conduct conduct) {
    return startWorkers(conduct, witness);
  }

  PushWorkerProcess startWorkers(Conduct conduct, Witness seeing) {
    lives++;
    return PushWorkerProcess.start(
        new PushWorkerSettings(port, rig.settings().grpcAddress(), PLACES),
        conduct,
        rig.settings().folder().resolve("workers-" + lives + ".log"),
        seeing);
  }

  /** Sees for the ledger. */
  LedgerWitness witness() {
    return witness;
  }

  @Override
  public void close() {
    rig.close();
  }
}
