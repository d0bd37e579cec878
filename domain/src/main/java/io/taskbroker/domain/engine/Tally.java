package io.taskbroker.domain.engine;

import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Status;
import java.util.EnumMap;
import java.util.Map;

/** Running counts, so that a depth is read and never searched for. */
final class Tally {
  /**
   * Heap that one row takes besides its id and payload-independent of both: the row (72), its facts
   * (112), boxed times (32), map entry (48), entries in the ordered sets (3 × 40), the id's String
   * and array headers (40). Measured with 1,000,000 rows in the engine's memory test.
   */
  private static final int ROW_BYTES = 430;

  private final Map<Status, Count> byStatus = new EnumMap<>(Status.class);
  private int outbox;
  private int parked;
  private int held;
  private long payloadBytes;
  private long memoryBytes;

  void add(Row row) {
    count(row, 1);
  }

  void remove(Row row) {
    count(row, -1);
  }

  private void count(Row row, int sign) {
    Status status = row.state.status();
    boolean bad = row.activation.isBadRecord() && status == Status.FAILURE;
    if (!bad) {
      byStatus.computeIfAbsent(status, _ -> new Count()).value += sign;
    }
    if (Outbox.laneOf(row) != null) {
      if (row.parked == null) {
        outbox += sign;
      } else {
        parked += sign;
      }
    }
    if (status == Status.PENDING && row.hold != Row.Hold.NONE) {
      held += sign;
    }
    if (status != Status.COMPLETE) {
      payloadBytes += (long) sign * row.activation.payloadBytes();
    }
    memoryBytes += (long) sign * (ROW_BYTES + row.activation.id().length());
  }

  Depths depths(int farDelays) {
    return new Depths(
        of(Status.PENDING),
        of(Status.DELAY) - farDelays,
        farDelays,
        of(Status.CLAIMED),
        of(Status.PROCESSING),
        of(Status.RETRY),
        of(Status.FAILURE),
        outbox,
        parked,
        held,
        of(Status.COMPLETE),
        payloadBytes,
        memoryBytes);
  }

  private int of(Status status) {
    Count count = byStatus.get(status);
    return count == null ? 0 : count.value;
  }

  private static final class Count {
    int value;
  }
}
