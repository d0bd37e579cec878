package io.taskbroker.adapters.postgres;

import io.taskbroker.inflight.JournalException;
import org.jspecify.annotations.Nullable;

/** Whether a journal has ended, and why. Safe for all threads. */
final class JournalEnd {
  private final PostgresPlace place;
  private volatile JournalException.@Nullable Final cause;
  private volatile boolean closed;

  JournalEnd(PostgresPlace place) {
    this.place = place;
  }

  /** The failure itself; if it is final, every later call fails with it. */
  JournalException after(JournalException failure) {
    if (failure instanceof JournalException.Final last) {
      cause = last;
    }
    return failure;
  }

  /** Throws if nothing may be written or read any more. */
  void refuse() {
    JournalException.Final last = cause;
    if (last != null) {
      throw last;
    }
    if (closed) {
      throw new IllegalStateException(place + " is closed");
    }
  }

  boolean isClosed() {
    return closed;
  }

  /** Returns whether this is the first time. */
  boolean close() {
    boolean isFirst = !closed;
    closed = true;
    return isFirst;
  }
}
