package io.taskbroker.inflight.engine;

import org.jspecify.annotations.Nullable;

/**
 * What one turn of the writer may still cost. The engine counts it down: a row for each one that it
 * changes or looks at, and the bytes of the payloads that have to be read or removed for it.
 *
 * <p>A command that finds it spent stops and goes on in a later turn. One step may overdraw it, so
 * that a single large payload gets through. Not safe for several threads.
 */
public final class Budget {
  private final @Nullable Budget whole;
  private final int granted;
  private int rows;
  private long bytes;

  private Budget(int rows, long bytes, @Nullable Budget whole) {
    this.whole = whole;
    this.granted = rows;
    this.rows = rows;
    this.bytes = bytes;
  }

  /** For one turn: this many rows, and this many bytes of payload. */
  public static Budget of(int rows, long bytes) {
    return new Budget(rows, bytes, null);
  }

  /** For work that nobody waits beside, such as a start. */
  public static Budget unlimited() {
    return of(Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /** A share of this one, of at most {@code rows} rows: what it spends is spent here as well. */
  public Budget share(int rows) {
    return new Budget(Math.min(rows, this.rows), bytes, this);
  }

  /** One more row is touched. */
  void row() {
    rows--;
    if (whole != null) {
      whole.row();
    }
  }

  /** Payload has to be read or removed. */
  void payload(long size) {
    bytes -= size;
    if (whole != null) {
      whole.payload(size);
    }
  }

  /** Whether the turn has to end here. */
  public boolean isSpent() {
    return rows <= 0 || bytes <= 0;
  }

  /** How many rows were touched so far. */
  public int touched() {
    return granted - rows;
  }
}
