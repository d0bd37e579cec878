package io.taskbroker.embeddedkafka;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;

/** A node of a real Kafka (KRaft) in this process: for the demo, and for tests of adapters. */
public final class EmbeddedKafka implements Kafka {
  /** The same each time, so that a folder can be used again. */
  private static final String CLUSTER_ID = new Uuid(1, 1).toString();

  private static final String REMEDY = "stop that Kafka, or give this one another folder";

  private final NodeSettings settings;
  private final FolderLock lock;
  private final KafkaRaftServer server;

  private EmbeddedKafka(NodeSettings settings, FolderLock lock, KafkaRaftServer server) {
    this.settings = settings;
    this.lock = lock;
    this.server = server;
  }

  /**
   * Returns once clients can connect.
   *
   * @throws IllegalStateException if another process uses the folder, or if it cannot be used
   */
  public static EmbeddedKafka start(NodeSettings settings) {
    return start(settings, Map.of());
  }

  /**
   * Returns once clients can connect.
   *
   * @param more of Kafka's own properties, which come before ours
   * @throws IllegalStateException if another process uses the folder, or if it cannot be used
   */
  public static EmbeddedKafka start(NodeSettings settings, Map<String, String> more) {
    return start(settings, NodeSettings.NODE_ID, settings.properties(), more);
  }

  /**
   * Starts the second node of a cluster: it holds partitions, and has no vote in the quorum, which
   * stays one of the first node. Returns once it holds partitions.
   *
   * @param first the node that was started before
   * @param settings of the second node; its controller's port is not used
   * @param more of Kafka's own properties, which come before ours
   * @throws IllegalStateException if another process uses the folder, or if it cannot be used
   */
  public static EmbeddedKafka join(
      NodeSettings first, NodeSettings settings, Map<String, String> more) {
    return start(
        settings, NodeSettings.SECOND_NODE_ID, settings.propertiesOfTheSecondOf(first), more);
  }

  private static EmbeddedKafka start(
      NodeSettings settings, int nodeId, Map<String, String> properties, Map<String, String> more) {
    FolderLock lock = FolderLock.take(settings.folder(), REMEDY);
    try {
      format(settings, nodeId);
      properties.putAll(more);
      var server = new KafkaRaftServer(new KafkaConfig(properties, false), Time.SYSTEM);
      server.startup();
      return new EmbeddedKafka(settings, lock, server);
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public String address() {
    return settings.address();
  }

  void awaitEnd() {
    server.awaitShutdown();
  }

  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
    lock.close();
  }

  private static void format(NodeSettings settings, int nodeId) {
    try {
      new Formatter()
          .setPrintStream(
              new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
          .setClusterId(CLUSTER_ID)
          .setNodeId(nodeId)
          .setControllerListenerName(NodeSettings.CONTROLLER)
          .addDirectory(settings.folder().toAbsolutePath().toString())
          .setMetadataLogDirectory(settings.folder().toAbsolutePath().toString())
          .setIgnoreFormatted(true)
          .run();
    } catch (Exception e) { // Formatter.run() declares it
      throw new IllegalStateException("cannot format " + settings.folder() + " for Kafka", e);
    }
  }
}
