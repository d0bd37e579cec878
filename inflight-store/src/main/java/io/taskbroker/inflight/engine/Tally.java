package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.Status;
import java.util.EnumMap;
import java.util.Map;

/** Running counts, so that a depth is read and never searched for. */
final class Tally {
  /**
   * Heap that one row takes besides its texts: the row (152), its facts (112), its partition (24),
   * map entries (64), places in ordered sets with their boxed times (72), and the headers of its id
   * (40). Held to the truth by the engine's memory test.
   */
  private static final int ROW_BYTES = 464;

  /** Heap that the reason of a failure takes besides its text. */
  private static final int FAILURE_BYTES = 32;

  /** Longer texts are counted as if each letter took two bytes, as beyond Latin it does. */
  private static final int SHORT_TEXT = 64;

  private final Map<Status, Count> byStatus = new EnumMap<>(Status.class);
  private int outbox;
  private int demoted;
  private int kept;
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

  /** It counts nowhere, but stays in memory. */
  void addMemory(Row row) {
    memoryBytes += memoryOf(row);
  }

  void removeMemory(Row row) {
    memoryBytes -= memoryOf(row);
  }

  private void count(Row row, int sign) {
    Status status = row.state.status();
    Census.Kind kind = row.kind;
    if (kind != null) {
      kind.count(status, sign);
    }
    boolean bad = row.activation.isBadRecord() && status == Status.FAILURE;
    if (row.state instanceof Claimed(_, ClaimPurpose purpose) && purpose == ClaimPurpose.DEMOTION) {
      demoted += sign;
    } else if (row.kept) {
      kept += sign;
    } else if (!bad) {
      countOf(status).value += sign;
    }
    if (OutboxIndex.laneOf(row) != null) {
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
    memoryBytes += (long) sign * memoryOf(row);
  }

  /** Names are mostly shared by many rows, but nobody has to. */
  private static long memoryOf(Row row) {
    return row.memoryBytes + (row.failure == null ? 0 : memoryOf(row.failure));
  }

  private static long memoryOf(Failure failure) {
    String error = failure.lastError();
    return FAILURE_BYTES + (error == null ? 0 : textBytes(error));
  }

  /** Estimated heap of a row that has not failed. */
  static long memoryOf(Activation activation) {
    return ROW_BYTES
        + textBytes(activation.id())
        + textBytes(activation.application())
        + textBytes(activation.namespace())
        + textBytes(activation.taskname())
        + (activation.defect() == null ? 0 : textBytes(activation.defect()));
  }

  private static long textBytes(String text) {
    int letters = text.length();
    return letters <= SHORT_TEXT ? letters : 2L * letters;
  }

  /**
   * @param indexBytes heap of what no row accounts for
   */
  Depths depths(int farDelays, Demand demand, long indexBytes) {
    return new Depths(
        of(Status.PENDING),
        of(Status.DELAY) - farDelays,
        farDelays,
        of(Status.CLAIMED),
        demoted,
        of(Status.PROCESSING),
        of(Status.RETRY),
        of(Status.FAILURE),
        kept,
        outbox,
        parked,
        held,
        of(Status.COMPLETE),
        demand.uncountedPending(),
        demand.uncountedDelayed(),
        payloadBytes,
        memoryBytes + indexBytes);
  }

  private int of(Status status) {
    return countOf(status).value;
  }

  private Count countOf(Status status) {
    Count count = byStatus.get(status);
    if (count == null) {
      count = new Count();
      byStatus.put(status, count);
    }
    return count;
  }

  private static final class Count {
    int value;
  }
}
