package io.taskbroker.embeddedkafka;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * A node of a Kafka, on loopback only; mostly the sole one.
 *
 * @param folder holds its data; created if missing, used again if it is there
 * @param port for clients
 * @param controllerPort for the node's own quorum of one
 */
public record NodeSettings(Path folder, int port, int controllerPort) {
  static final int NODE_ID = 1;
  static final int SECOND_NODE_ID = 2;
  static final String CONTROLLER = "CONTROLLER";

  /** Room for the 10 MiB that a broker may be made to deliver, and its frame. */
  private static final int MAX_MESSAGE_BYTES = 12_000_000;

  /**
   * Further properties of a node that nobody kills: its controller does not take it for dead while
   * a busy machine lets it wait, which would make every new topic fail.
   */
  public static Map<String, String> patient() {
    return Map.of("broker.session.timeout.ms", "300000");
  }

  /** On ports that are free now. */
  public static NodeSettings in(Path folder) {
    return on(FreePorts.any(), folder);
  }

  public static NodeSettings on(int port, Path folder) {
    return new NodeSettings(folder, port, FreePorts.any());
  }

  public String address() {
    return "127.0.0.1:" + port;
  }

  /** What differs from Kafka's defaults: one node, few threads, no waiting for others. */
  Map<String, String> properties() {
    Map<String, String> properties = new HashMap<>();
    properties.put("process.roles", "broker,controller");
    properties.put("node.id", Integer.toString(NODE_ID));
    properties.put(
        "listeners", "PLAINTEXT://" + address() + ",CONTROLLER://127.0.0.1:" + controllerPort);
    properties.put("advertised.listeners", "PLAINTEXT://" + address());
    properties.put("listener.security.protocol.map", "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT");
    properties.put("controller.listener.names", CONTROLLER);
    properties.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    properties.put("log.dirs", folder.toAbsolutePath().toString());
    properties.put("message.max.bytes", Integer.toString(MAX_MESSAGE_BYTES));
    properties.put("auto.create.topics.enable", "false");
    // Some records of tests have a time of long ago. Kafka would delete them half a minute later.
    properties.put("log.retention.ms", "-1");
    properties.put("group.initial.rebalance.delay.ms", "0");
    // Lower than the usual 6 s, so that a test need not wait so long for a member to be missed.
    properties.put("group.min.session.timeout.ms", "500");
    properties.put("offsets.topic.num.partitions", "1");
    properties.put("offsets.topic.replication.factor", "1");
    properties.put("transaction.state.log.num.partitions", "1");
    properties.put("transaction.state.log.replication.factor", "1");
    properties.put("transaction.state.log.min.isr", "1");
    properties.put("share.coordinator.state.topic.num.partitions", "1");
    properties.put("share.coordinator.state.topic.replication.factor", "1");
    properties.put("share.coordinator.state.topic.min.isr", "1");
    properties.put("num.network.threads", "2");
    properties.put("num.io.threads", "2");
    properties.put("background.threads", "2");
    properties.put("log.cleaner.dedupe.buffer.size", "4194304");
    return properties;
  }

  /** As the others, for a node that holds partitions only. */
  Map<String, String> propertiesOfTheSecondOf(NodeSettings first) {
    Map<String, String> properties = properties();
    properties.put("process.roles", "broker");
    properties.put("node.id", Integer.toString(SECOND_NODE_ID));
    properties.put("listeners", "PLAINTEXT://" + address());
    properties.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + first.controllerPort());
    return properties;
  }
}
