package io.taskbroker.application.intake;

import io.taskbroker.domain.Partition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One record as a source delivers it.
 *
 * @param timestampMs Unix milliseconds; negative if the record has none
 * @param value null for a tombstone
 */
public record SourceRecord(
    Partition partition,
    long offset,
    long timestampMs,
    byte @Nullable [] value,
    List<Header> headers) {

  /** A header; names may repeat, and a value may be missing. */
  public record Header(String name, byte @Nullable [] value) {}
}
