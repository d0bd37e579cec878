package io.taskbroker.adapters.metrics;

import io.taskbroker.application.Defects;
import io.taskbroker.application.intake.ActivationDecoder;
import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.domain.TimeSource;

/**
 * A decoder that counts what it reads from one topic. Counting allocates nothing, and a fault in
 * counting reaches no caller.
 */
final class MeasuredDecoder implements ActivationDecoder {
  private final ActivationDecoder decoder;
  private final RecordCounts counts;
  private final Defects faults;

  MeasuredDecoder(ActivationDecoder decoder, RecordCounts counts, TimeSource time) {
    this.decoder = decoder;
    this.counts = counts;
    this.faults = Defects.ofCounting("records", time);
  }

  @Override
  public Decoded decode(SourceRecord record, long nowMs) {
    Decoded decoded = decoder.decode(record, nowMs);
    try {
      count(record, decoded);
    } catch (RuntimeException | Error e) {
      faults.accept(e);
    }
    return decoded;
  }

  private void count(SourceRecord record, Decoded decoded) {
    switch (decoded) {
      case Decoded.Task task -> counts.decoded(task);
      case Decoded.Wrapped wrapped -> {
        byte[] value = record.value();
        counts.wrapped(wrapped, value == null ? 0 : value.length);
      }
      case Decoded.Bad _ -> {} // intake counts it, with those that never come here
    }
  }
}
