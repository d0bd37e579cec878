package io.taskbroker.adapters.kafka;

import java.time.Duration;

/**
 * One declared topic.
 *
 * @param consumerGroup of the consumer, if there is one
 * @param sessionTimeout without a heartbeat for so long, the group gives our partitions away
 * @param autoCommitInterval longest time between two commits of positions
 */
public record KafkaTopicSettings(
    String name,
    KafkaClusterSettings cluster,
    String consumerGroup,
    Use use,
    Duration sessionTimeout,
    Duration autoCommitInterval,
    OffsetReset offsetReset) {

  /** What the broker does with a topic. */
  public enum Use {
    CONSUMED,
    /** Consumable, but left alone: only its existence is checked. */
    CONSUMER_DISABLED,
    PRODUCE_ONLY
  }

  /** Where a group begins that has no position yet. */
  public enum OffsetReset {
    EARLIEST,
    LATEST,
    NONE
  }

  /** Whether the topic counts as a source of tasks, even if its consumer is switched off. */
  public boolean isConsumable() {
    return switch (use) {
      case CONSUMED, CONSUMER_DISABLED -> true;
      case PRODUCE_ONLY -> false;
    };
  }
}
