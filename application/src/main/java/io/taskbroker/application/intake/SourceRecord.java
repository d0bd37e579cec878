package io.taskbroker.application.intake;

import io.taskbroker.domain.Partition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record as a source delivers it.
 *
 * @param timestampMs Unix milliseconds; negative if the record has none
 * @param value null for a tombstone, and for a value that was not read
 * @param withheldBytes size of a value that was not read because it is too large to be held in
 *     memory; 0 for all others
 */
public record SourceRecord(
    Partition partition,
    long offset,
    long timestampMs,
    byte @Nullable [] value,
    List<Header> headers,
    int withheldBytes) {
  /** A record that was read as a whole. */
  public SourceRecord(
      Partition partition,
      long offset,
      long timestampMs,
      byte @Nullable [] value,
      List<Header> headers) {
    this(partition, offset, timestampMs, value, headers, 0);
  }

  /** A header; names may repeat, and a value may be missing. */
  public record Header(String name, byte @Nullable [] value) {}
}
