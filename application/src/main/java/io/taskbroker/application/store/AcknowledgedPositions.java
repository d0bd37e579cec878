package io.taskbroker.application.store;

import io.taskbroker.domain.Partition;
import io.taskbroker.domain.engine.InflightEngine;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/**
 * Positions acknowledged by Kafka, on their way to the engine.
 *
 * <p>They stay here when the engine has them: it takes each once, and a group that was taken back
 * is told again by the next. Safe for all threads.
 */
final class AcknowledgedPositions {
  private final Map<Partition, Long> positions = new HashMap<>();

  /** The group has committed these; an earlier position than is known says nothing. */
  synchronized void add(Map<Partition, Long> acknowledged) {
    acknowledged.forEach((partition, position) -> positions.merge(partition, position, Math::max));
  }

  /** Where the group stands in these partitions will be said by somebody else. */
  synchronized void forget(Collection<Partition> partitions) {
    positions.keySet().removeAll(partitions);
  }

  synchronized void tell(InflightEngine engine) {
    engine.positions().acknowledge(positions);
  }
}
