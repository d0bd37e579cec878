package io.taskbroker.workload.kafka;

import io.taskbroker.embeddedkafka.NodeSettings;
import io.taskbroker.workload.process.ProcessSignal;
import java.util.Map;

/** A Kafka that goes away and comes back, with what was in it. Used by one thread. */
public final class ReturningKafka implements AutoCloseable {
  private final NodeSettings node;
  private final Map<String, String> more;
  private KafkaProcess process;

  private ReturningKafka(NodeSettings node, Map<String, String> more) {
    this.node = node;
    this.more = Map.copyOf(more);
    this.process = KafkaProcess.start(node, more);
  }

  /** Starts it, and waits until it answers. */
  public static ReturningKafka start(NodeSettings node) {
    return start(node, Map.of());
  }

  /**
   * Starts it, and waits until it answers.
   *
   * @param more of Kafka's own properties, which come before ours
   */
  public static ReturningKafka start(NodeSettings node, Map<String, String> more) {
    return new ReturningKafka(node, more);
  }

  public String address() {
    return process.address();
  }

  /** Stops or continues it, for example. */
  public void signal(ProcessSignal signal) {
    process.signal(signal);
  }

  /** Ends it at once, as a crash would. */
  public void kill() {
    process.kill();
  }

  /** Starts it again at the same address, after it was killed. */
  public void comeBack() {
    process = KafkaProcess.start(node, more);
  }

  @Override
  public void close() {
    process.close();
  }
}
