package io.taskbroker.application.intake;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.Route;
import io.taskbroker.domain.Times;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Records in the order in which they came, with what is to be stored of each.
 *
 * <p>It is taken out from the front only, so that at every moment the positions of what has been
 * stored are exact, whoever owns the partitions next.
 */
final class Batch {
  private final Deque<Entry> entries = new ArrayDeque<>();
  private int rows;
  private long bytes;

  /** A record; nothing is to be stored of one that was dropped. Its partition goes on at next. */
  private record Entry(Partition partition, long next, @Nullable NewActivation row) {}

  /**
   * The front of a batch.
   *
   * @param positions per partition the offset after the last record in it
   */
  record Part(List<NewActivation> rows, Map<Partition, Long> positions) {
    static final Part NOTHING = new Part(List.of(), Map.of());
  }

  void add(SourceRecord from, NewActivation row) {
    entries.add(new Entry(from.partition(), from.offset() + 1, row));
    rows++;
    bytes += row.activation().payloadBytes();
  }

  /** Nothing is to be stored of this record. */
  void drop(SourceRecord record) {
    pass(record.partition(), record.offset() + 1);
  }

  /** Nothing is to be stored of what lies before this position, apart from what was added. */
  void pass(Partition partition, long position) {
    entries.add(new Entry(partition, position, null));
  }

  boolean isEmpty() {
    return entries.isEmpty();
  }

  int rows() {
    return rows;
  }

  long bytes() {
    return bytes;
  }

  /** How many there are, with those of which nothing is to be stored. */
  int records() {
    return entries.size();
  }

  /** What back-pressure has to judge; bad records, being on their way out, count as neither. */
  Backpressure.Batch wish(long nowMs) {
    int delayed = 0;
    int pending = 0;
    for (Entry entry : entries) {
      switch (kindOf(entry, nowMs)) {
        case DELAYED -> delayed++;
        case PENDING -> pending++;
        case FREE -> {}
      }
    }
    return new Backpressure.Batch(pending, delayed);
  }

  /** Takes out the longest front that is admitted; it may be empty. */
  Part takeOut(Backpressure.Admission.Admitted admitted, long nowMs) {
    int pending = admitted.pending();
    int delayed = admitted.delayed();
    List<NewActivation> taken = new ArrayList<>(rows);
    Map<Partition, Long> positions = new LinkedHashMap<>();
    for (Entry entry = entries.peek(); entry != null; entry = entries.peek()) {
      boolean enters =
          switch (kindOf(entry, nowMs)) {
            case DELAYED -> delayed-- > 0;
            case PENDING -> pending-- > 0;
            case FREE -> true;
          };
      if (!enters) {
        break;
      }
      entries.remove();
      positions.put(entry.partition(), entry.next());
      if (entry.row() != null) {
        taken.add(entry.row());
      }
    }
    rows -= taken.size();
    return new Part(taken, positions);
  }

  /** The limit of rows that holds the first of those that are left. */
  Backpressure.Reason limitOfFirst(long nowMs) {
    return kindOf(entries.getFirst(), nowMs) == Kind.DELAYED
        ? Backpressure.Reason.DELAY_LIMIT
        : Backpressure.Reason.PENDING_LIMIT;
  }

  private enum Kind {
    PENDING,
    DELAYED,
    /**
     * Held by no limit of rows: dropped, bad, or due so late that only the size limit counts it.
     */
    FREE
  }

  private static Kind kindOf(Entry entry, long nowMs) {
    NewActivation row = entry.row();
    if (row == null || row.activation().isBadRecord() || row.route() == Route.DEMOTION) {
      return Kind.FREE;
    }
    Long until = row.activation().delayUntilMs();
    if (!(Lifecycle.arrive(until, nowMs) instanceof ActivationState.Delayed(long untilMs))) {
      return Kind.PENDING;
    }
    return untilMs <= Times.plus(nowMs, Backpressure.FAR.toMillis()) ? Kind.DELAYED : Kind.FREE;
  }
}
