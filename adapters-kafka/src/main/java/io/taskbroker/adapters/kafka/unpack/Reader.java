package io.taskbroker.adapters.kafka.unpack;

import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.clients.ClientUtils;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.internals.AutoOffsetResetStrategy;
import org.apache.kafka.clients.consumer.internals.ConsumerDelegateCreator;
import org.apache.kafka.clients.consumer.internals.ConsumerMetadata;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.internals.ClusterResourceListeners;
import org.apache.kafka.common.metrics.Metrics;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.common.utils.internals.LogContext;

/**
 * The client's consumer of one topic, put together from its parts so that one of them is ours: what
 * it receives is unpacked within limits.
 *
 * <p>The client reads a record's bytes into memory before any deserializer sees it, and its public
 * constructors take no part of it. So this uses classes of the client that are public in Java but
 * not promised to stay (docs/adr says more).
 *
 * @param consumer belongs to one thread
 * @param metrics of its connections
 * @param budget to be begun anew before each poll
 * @param ends what Kafka said of the partitions last
 * @param damages what was sent and cannot be read
 * @param topicIds the id of each topic that the client knows, by name
 */
public record Reader(
    Consumer<byte[], byte[]> consumer,
    Map<MetricName, ? extends Metric> metrics,
    PollBudget budget,
    PartitionEnds ends,
    Damages damages,
    Supplier<Map<String, Uuid>> topicIds) {
  private static final String GROUP_OF_METRICS = "consumer";

  /** As many requests as the client's own consumer has under way on a connection. */
  private static final int REQUESTS_PER_CONNECTION = 100;

  /**
   * Prepares a consumer; nobody is contacted yet, apart from the name service.
   *
   * @param properties of the client's own consumer
   * @param valueBytes a larger value is not read
   * @param pollBytes a poll ends once it has unpacked this much, but never without a record
   * @throws org.apache.kafka.common.KafkaException if they are wrong
   */
  public static Reader create(Map<String, Object> properties, int valueBytes, long pollBytes) {
    var config = new ConsumerConfig(properties);
    var log =
        new LogContext("[Consumer of " + config.getString(ConsumerConfig.GROUP_ID_CONFIG) + "] ");
    var versions = new NodeVersions();
    var subscriptions =
        new CheckedPositions(
            log,
            AutoOffsetResetStrategy.fromString(
                config.getString(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG)),
            versions);
    var metadata = new ConsumerMetadata(config, subscriptions, log, new ClusterResourceListeners());
    List<String> servers = config.getList(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG);
    ClientUtils.maybeBootstrapMetadataSynchronously(config, servers, metadata);
    var metrics = new Metrics(Time.SYSTEM);
    var budget = new PollBudget(pollBytes);
    var ends = new PartitionEnds();
    var damages = new Damages();
    var client =
        new UnpackingClient(
            ClientUtils.createNetworkClient(
                config,
                servers,
                metrics,
                GROUP_OF_METRICS,
                log,
                versions,
                Time.SYSTEM,
                REQUESTS_PER_CONNECTION,
                metadata,
                metrics.sensor("throttle-time"),
                null),
            config.getString(CommonClientConfigs.CLIENT_ID_CONFIG),
            metrics,
            valueBytes,
            budget,
            ends,
            damages);
    Consumer<byte[], byte[]> consumer =
        new ConsumerDelegateCreator()
            .create(
                log,
                Time.SYSTEM,
                config,
                new OwnBytes(),
                new OwnBytes(),
                client,
                subscriptions,
                metadata,
                assignors(config));
    return new Reader(consumer, metrics.metrics(), budget, ends, damages, metadata::topicIds);
  }

  private static List<ConsumerPartitionAssignor> assignors(ConsumerConfig config) {
    return ConsumerPartitionAssignor.getAssignorInstances(
        config.getList(ConsumerConfig.PARTITION_ASSIGNMENT_STRATEGY_CONFIG), config.originals());
  }
}
