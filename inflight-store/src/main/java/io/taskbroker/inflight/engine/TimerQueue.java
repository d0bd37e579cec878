package io.taskbroker.inflight.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order in which something ends for them. Those for which it ends in the same
 * millisecond, which under load are many, stand in the order in which they came, and cost no search
 * each. A row is in one queue at most.
 */
final class TimerQueue {
  private final TreeMap<Long, Slot> slots = new TreeMap<>();
  private @Nullable Slot latest;
  private int size;

  /** The rows of one millisecond. */
  private static final class Slot extends Chain {
    private final TimerQueue queue;
    private final long endMs;

    private Slot(TimerQueue queue, long endMs) {
      this.queue = queue;
      this.endMs = endMs;
    }
  }

  /**
   * @param endMs when it ends, on whichever clock all rows of this queue go by
   */
  void add(Row row, long endMs) {
    at(endMs).addLast(row);
    size++;
  }

  private Slot at(long endMs) {
    Slot slot = latest;
    if (slot == null || slot.endMs != endMs) {
      slot = slots.computeIfAbsent(endMs, _ -> new Slot(this, endMs));
      latest = slot;
    }
    return slot;
  }

  /** Takes a row out; false if it was not in this queue. */
  boolean remove(Row row) {
    if (!(row.chain instanceof Slot slot) || slot.queue != this) {
      return false;
    }
    slot.remove(row);
    if (slot.isEmpty()) {
      forget(slot);
    }
    size--;
    return true;
  }

  private void forget(Slot slot) {
    slots.remove(slot.endMs);
    if (latest == slot) {
      latest = null;
    }
  }

  /** The row for which it ends first; null if there is none. */
  @Nullable Row first() {
    return slots.isEmpty() ? null : slots.firstEntry().getValue().first();
  }

  /** When it ends for the first row; not to be asked of an empty queue. */
  long firstEndMs() {
    return slots.firstKey();
  }

  /** Some rows, those first for which it ends first. */
  List<Row> firstOnes(int most) {
    List<Row> found = new ArrayList<>();
    for (Slot slot : slots.values()) {
      for (Row row = slot.first(); row != null; row = row.next) {
        if (found.size() == most) {
          return found;
        }
        found.add(row);
      }
    }
    return found;
  }

  boolean isEmpty() {
    return slots.isEmpty();
  }

  int size() {
    return size;
  }
}
