package io.taskbroker.adapters.postgres;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How large the tasks are that the brokers of a database keep: this one's counted, those of the
 * others as they say. It falls when work is done, which the size of the files does not. Safe for
 * all threads.
 */
final class LiveSize {
  /** Of a row with its index entries, besides its payload. */
  static final long ROW_BYTES = 400;

  private final AtomicLong own = new AtomicLong();
  private volatile long others;

  /** What a row's payload counts. */
  static long payloadOf(StoredActivation row) {
    return row.state() instanceof Completed ? 0 : row.activation().payloadBytes();
  }

  void add(long rows, long payloadBytes) {
    own.addAndGet(rows * ROW_BYTES + payloadBytes);
  }

  /** Of this broker's tasks; never below zero, though payloads may be counted twice. */
  long own() {
    return Math.max(0, own.get());
  }

  void clear() {
    own.set(0);
  }

  void others(long bytes) {
    others = bytes;
  }

  long all() {
    return own() + others;
  }
}
