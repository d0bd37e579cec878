package io.taskbroker.inflight.engine;

import org.jspecify.annotations.Nullable;

/**
 * Rows one behind the other, chained through fields of their own: whichever comes or goes, nothing
 * is searched for, and nothing is allocated. A row is in one chain at most.
 */
class Chain {
  private @Nullable Row first;
  private @Nullable Row last;
  private int size;

  final @Nullable Row first() {
    return first;
  }

  final @Nullable Row last() {
    return last;
  }

  final int size() {
    return size;
  }

  final boolean isEmpty() {
    return size == 0;
  }

  final void addFirst(Row row) {
    join(row);
    Row next = first;
    row.next = next;
    first = row;
    if (next == null) {
      last = row;
    } else {
      next.previous = row;
    }
  }

  final void addLast(Row row) {
    join(row);
    Row previous = last;
    row.previous = previous;
    last = row;
    if (previous == null) {
      first = row;
    } else {
      previous.next = row;
    }
  }

  private void join(Row row) {
    if (row.chain != null) {
      throw new IllegalStateException("row " + row.key + " is in a chain already");
    }
    row.chain = this;
    size++;
  }

  /** Takes a row out that is in this chain. */
  final void remove(Row row) {
    if (row.chain != this) {
      throw new IllegalStateException("row " + row.key + " is not in this chain");
    }
    Row previous = row.previous;
    Row next = row.next;
    if (previous == null) {
      first = next;
    } else {
      previous.next = next;
    }
    if (next == null) {
      last = previous;
    } else {
      next.previous = previous;
    }
    row.chain = null;
    row.previous = null;
    row.next = null;
    size--;
  }
}
