package io.taskbroker.application.upkeep;

import io.taskbroker.application.upkeep.OutboxStore.Taken;
import io.taskbroker.application.upkeep.Publisher.OutgoingRecord;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Lane;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the records by which the rows of one lane leave. */
final class OutgoingRecords {
  private final Lane lane;
  private final ActivationEncoder encoder;

  OutgoingRecords(Lane lane, ActivationEncoder encoder) {
    this.lane = lane;
    this.encoder = encoder;
  }

  /** Why a bad record must not go to this topic: it came from there, and would for ever. */
  static @Nullable String wouldLoop(Taken row, String topic) {
    Activation activation = row.row().activation();
    if (!activation.isBadRecord()) {
      return null;
    }
    if (activation.partition().topic().equals(topic)) {
      return "it came from the dead-letter topic itself: " + activation.defect();
    }
    return activation.hasComeBack() ? activation.defect() : null;
  }

  /**
   * @throws RuntimeException if the row cannot be encoded
   */
  OutgoingRecord of(Taken row, long nowMs) {
    Activation activation = row.row().activation();
    return switch (lane) {
      case RETRY -> {
        ActivationEncoder.Retry retry =
            encoder.nextAttempt(activation, row.payload(), row.row().retry(), nowMs);
        yield new OutgoingRecord(retry.payload(), Map.of(), retry.id(), activation.delivery());
      }
      case DEAD_LETTER -> deadLetter(row, nowMs);
      case DEMOTION -> new OutgoingRecord(row.payload(), Map.of(), null, activation.delivery());
    };
  }

  private OutgoingRecord deadLetter(Taken row, long nowMs) {
    byte[] payload =
        row.row().activation().isBadRecord()
            ? row.payload()
            : encoder.withOverride(row.payload(), row.row().retry());
    return new OutgoingRecord(
        payload,
        DeadLetterWords.of(row.row(), encoder.earlierAttempts(row.payload()), nowMs),
        null,
        Delivery.AT_LEAST_ONCE);
  }
}
