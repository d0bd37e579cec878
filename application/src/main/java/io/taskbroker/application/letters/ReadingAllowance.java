package io.taskbroker.application.letters;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.List;

/** What one look at the dead letters may still read. Used by one thread. */
final class ReadingAllowance {
  private final TimeSource time;
  private final long endNanos;
  private long bytesLeft;
  private boolean hasRead;

  /**
   * @param bytes of payloads
   */
  ReadingAllowance(TimeSource time, Duration length, long bytes) {
    this.time = time;
    this.endNanos = time.nanos() + length.toNanos();
    this.bytesLeft = bytes;
  }

  /** Whether nothing more is to be read; never before the first reading. */
  boolean isSpent() {
    return hasRead && (bytesLeft <= 0 || time.nanos() - endNanos >= 0);
  }

  /** These records were read. */
  void spend(List<SourceRecord> records) {
    hasRead = true;
    for (SourceRecord record : records) {
      bytesLeft -= bytes(record);
    }
  }

  static long bytes(SourceRecord record) {
    byte[] value = record.value();
    return value == null ? 0 : value.length;
  }
}
