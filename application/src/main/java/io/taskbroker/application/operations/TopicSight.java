package io.taskbroker.application.operations;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A topic of the configuration, as its cluster describes it at one moment.
 *
 * @param cluster as the configuration calls it
 * @param address where the cluster is
 * @param group that reads it; null if it is only written
 * @param trouble why something of it is not known, in words; null if all is
 * @param partitions in order; empty if nothing is known of them
 */
public record TopicSight(
    String name,
    Use use,
    String cluster,
    String address,
    @Nullable String group,
    @Nullable String trouble,
    List<PartitionSight> partitions) {

  /** What the broker does with a topic. */
  public enum Use {
    READ,
    /** Its consumer is switched off. */
    LEFT_ALONE,
    WRITTEN
  }

  public TopicSight {
    partitions = List.copyOf(partitions);
  }
}
