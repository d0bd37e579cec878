package io.taskbroker.adapters.kafka;

import io.taskbroker.domain.Partition;
import java.io.Serial;
import java.util.Map;

/** A partition delivered records from before those that it had delivered already. */
final class PartitionBeganAgainException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final transient Map<Partition, Long> positions;

  /**
   * @param positions the first offset of each partition that began again
   */
  PartitionBeganAgainException(Map<Partition, Long> positions) {
    super(
        "Partitions begin again at "
            + positions
            + ": their topic was deleted and created anew, or has lost its latest records. They are"
            + " read from there");
    this.positions = Map.copyOf(positions);
  }

  Map<Partition, Long> positions() {
    return positions;
  }
}
