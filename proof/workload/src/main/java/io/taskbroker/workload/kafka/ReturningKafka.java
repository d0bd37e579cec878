package io.taskbroker.workload.kafka;

import io.taskbroker.embeddedkafka.NodeSettings;

/** A Kafka that goes away and comes back, with what was in it. Used by one thread. */
public final class ReturningKafka implements AutoCloseable {
  private final NodeSettings node;
  private KafkaProcess process;

  private ReturningKafka(NodeSettings node) {
    this.node = node;
    this.process = KafkaProcess.start(node);
  }

  /** Starts it, and waits until it answers. */
  public static ReturningKafka start(NodeSettings node) {
    return new ReturningKafka(node);
  }

  public String address() {
    return process.address();
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.kill();
  }

  /** Starts it again at the same address, after it was killed. */
  public void comeBack() {
    process = KafkaProcess.start(node);
  }

  @Override
  public void close() {
    process.close();
  }
}
