package io.taskbroker.adapters.kafka;

import io.taskbroker.application.Stalls;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The stall lines about single partitions of a topic. A partition may be held up by several causes
 * at once; it goes on when the last of them has ended. Used by one thread at a time.
 */
final class PartitionLines {
  /** What holds a partition up. */
  enum Cause {
    /** A producer's transaction is open. */
    TRANSACTION,
    /** A record of it is damaged. */
    DAMAGE,
    /** Nothing of it comes. */
    SILENCE
  }

  private final String topic;
  private final String group;
  private final Stalls stalls;
  private final Map<Integer, Set<Cause>> told = new HashMap<>();

  /**
   * @param group of consumers
   */
  PartitionLines(String topic, String group, Stalls stalls) {
    this.topic = topic;
    this.group = group;
    this.stalls = stalls;
  }

  String topic() {
    return topic;
  }

  void begin(int partition, Cause cause, KafkaFailure failure) {
    told.computeIfAbsent(partition, _ -> EnumSet.noneOf(Cause.class)).add(cause);
    stalls.begin(what(partition), failure.reason(), failure.remedy());
  }

  void end(int partition, Cause cause) {
    Set<Cause> causes = told.get(partition);
    if (causes != null && causes.remove(cause) && causes.isEmpty()) {
      told.remove(partition);
      stalls.end(what(partition));
    }
  }

  /**
   * Explains a damaged record.
   *
   * @param offset up to which the partition is read
   * @param reason what is wrong there
   */
  KafkaFailure damage(int partition, long offset, String reason) {
    return new KafkaFailure(
        "Kafka has a damaged record at offset %d (%s)".formatted(offset, reason),
        "The other partitions are read, and this one is tried again at least every %d s. Repair"
                .formatted(DamagedPartitions.REST.toSeconds())
            + " Kafka's replica, or give the record up: stop all brokers of the group, and move it"
            + " past the record with kafka-consumer-groups.sh --group %s --topic %s:%d"
                .formatted(group, topic, partition)
            + " --reset-offsets --to-offset %d --execute; further, where this line comes again"
                .formatted(offset + 1));
  }

  /** The partition is not this broker's any more. */
  void abandon(int partition) {
    if (told.remove(partition) != null) {
      stalls.abandon(what(partition), "this broker does not read the partition any more");
    }
  }

  /** None of the topic's partitions is this broker's any more. */
  void abandonAll() {
    Set.copyOf(told.keySet()).forEach(this::abandon);
  }

  private String what(int partition) {
    return "Reading of partition %d of topic '%s'".formatted(partition, topic);
  }
}
