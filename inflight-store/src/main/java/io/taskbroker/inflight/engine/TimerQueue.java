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

  /** The rows of one millisecond, chained through their fields. */
  static final class Slot {
    private final TimerQueue queue;
    private final long endMs;
    private @Nullable Row first;
    private @Nullable Row last;

    private Slot(TimerQueue queue, long endMs) {
      this.queue = queue;
      this.endMs = endMs;
    }
  }

  /**
   * @param endMs when it ends, on whichever clock all rows of this queue go by
   */
  void add(Row row, long endMs) {
    if (row.slot != null) {
      throw new IllegalStateException("row " + row.key + " is in a timer queue already");
    }
    Slot slot = at(endMs);
    Row last = slot.last;
    if (last == null) {
      slot.first = row;
    } else {
      last.nextInSlot = row;
      row.previousInSlot = last;
    }
    slot.last = row;
    row.slot = slot;
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
    Slot slot = row.slot;
    if (slot == null || slot.queue != this) {
      return false;
    }
    Row previous = row.previousInSlot;
    Row next = row.nextInSlot;
    if (previous == null) {
      slot.first = next;
    } else {
      previous.nextInSlot = next;
    }
    if (next == null) {
      slot.last = previous;
    } else {
      next.previousInSlot = previous;
    }
    row.slot = null;
    row.previousInSlot = null;
    row.nextInSlot = null;
    if (slot.first == null) {
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
    return slots.isEmpty() ? null : slots.firstEntry().getValue().first;
  }

  /** When it ends for the first row; not to be asked of an empty queue. */
  long firstEndMs() {
    return slots.firstKey();
  }

  /** Some rows, those first for which it ends first. */
  List<Row> firstOnes(int most) {
    List<Row> found = new ArrayList<>();
    for (Slot slot : slots.values()) {
      for (Row row = slot.first; row != null; row = row.nextInSlot) {
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
