package io.taskbroker.inflight.engine;

import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows in the order of {@link Row#BY_ARRIVAL}. What comes behind all others, or before them, as
 * almost all rows do, is chained at no search's cost; the others are sorted in.
 */
final class ReadyQueue {
  private final Chain inOrder = new Chain();

  /** They came between others, or rest. Null if there never was one. */
  private @Nullable TreeSet<Row> strays;

  void add(Row row) {
    Row first = inOrder.first();
    Row last = inOrder.last();
    if (row.restsUntilMs > 0) {
      sortIn(row);
    } else if (last == null || last.key < row.key) {
      inOrder.addLast(row);
    } else if (first == null || row.key < first.key) {
      inOrder.addFirst(row);
    } else {
      sortIn(row);
    }
  }

  private void sortIn(Row row) {
    TreeSet<Row> others = strays;
    if (others == null) {
      others = new TreeSet<>(Row.BY_ARRIVAL);
      strays = others;
    }
    others.add(row);
  }

  /** Takes a row out; false if it was not in this queue. */
  boolean remove(Row row) {
    if (row.chain == inOrder) {
      inOrder.remove(row);
      return true;
    }
    return strays != null && strays.remove(row);
  }

  /** The oldest row; null if there is none. */
  @Nullable Row oldest() {
    Row chained = inOrder.first();
    if (strays == null || strays.isEmpty()) {
      return chained;
    }
    Row stray = strays.first();
    return chained == null || Row.BY_ARRIVAL.compare(stray, chained) < 0 ? stray : chained;
  }

  int size() {
    return inOrder.size() + (strays == null ? 0 : strays.size());
  }
}
