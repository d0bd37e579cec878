package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Partition;
import java.util.List;
import java.util.Map;

/**
 * What a group of commands changed, each row once, as it stands afterwards.
 *
 * @param inserted new rows; their payloads are with whoever brought them
 * @param updated rows in which the state, the attempts, the override or the parking changed; one
 *     that is {@code Completed} now needs its payload no longer
 * @param deleted keys of rows that are gone
 * @param positions per partition the offset up to which nobody else has the rows: as far as Kafka
 *     has acknowledged the group's commit, but no at-most-once row behind it may have run elsewhere
 * @param orders standing orders that are new, changed or lifted
 */
public record Changes(
    List<StoredActivation> inserted,
    List<StoredActivation> updated,
    List<Long> deleted,
    Map<Partition, Long> positions,
    List<StandingOrder> orders) {
  public static final Changes NONE = new Changes(List.of(), List.of(), List.of(), Map.of());

  /** Without a change of standing orders. */
  public Changes(
      List<StoredActivation> inserted,
      List<StoredActivation> updated,
      List<Long> deleted,
      Map<Partition, Long> positions) {
    this(inserted, updated, deleted, positions, List.of());
  }

  public boolean isEmpty() {
    return inserted.isEmpty()
        && updated.isEmpty()
        && deleted.isEmpty()
        && positions.isEmpty()
        && orders.isEmpty();
  }
}
