package io.taskbroker.adapters.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Assigned partitions without a position of the group, of which Kafka has yet to say where they
 * begin. Each is known by itself: one without a leader does not hold up the others.
 *
 * <p>The client finds it out while it polls. Nothing may be fetched of a partition meanwhile. Used
 * by the consumer's thread alone.
 */
final class FreshPartitions {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::kafka::consumer");

  private final Consumer<byte[], byte[]> consumer;
  private final Set<TopicPartition> open = new HashSet<>();

  FreshPartitions(Consumer<byte[], byte[]> consumer) {
    this.consumer = consumer;
  }

  /** There are these and no others; asks where they begin, or where they end. */
  void ask(Collection<TopicPartition> partitions, boolean fromTheEnd) {
    open.clear();
    open.addAll(partitions);
    if (partitions.isEmpty()) {
      return; // the client would take that for all partitions
    }
    if (fromTheEnd) {
      consumer.seekToEnd(partitions);
    } else {
      consumer.seekToBeginning(partitions);
    }
  }

  /** Of which it is not known yet. */
  Set<TopicPartition> open() {
    return open;
  }

  /**
   * What has become known since the last call.
   *
   * @param patience how long to wait for all of it
   */
  Map<TopicPartition, Long> take(Duration patience) {
    Map<TopicPartition, Long> known = new HashMap<>();
    Duration left = patience;
    for (TopicPartition partition : open) {
      try {
        known.put(partition, consumer.position(partition, left));
      } catch (TimeoutException e) {
        LOG.debug("Kafka has not said where {} begins", partition, e);
        left = Duration.ZERO; // meanwhile it may have said it of the others
      }
    }
    open.removeAll(known.keySet());
    return known;
  }
}
