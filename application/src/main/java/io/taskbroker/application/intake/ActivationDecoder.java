package io.taskbroker.application.intake;

import io.taskbroker.domain.Activation;
import java.util.OptionalInt;

/** Reads what producers wrote. Called by intake threads; each has its own decoder. */
public interface ActivationDecoder {
  /**
   * The facts of a record, and the payload to keep.
   *
   * <p>Nothing that a producer can write makes this throw: what cannot be a task comes back as
   * {@link Decoded.Bad}.
   *
   * @param nowMs Unix milliseconds; stands in for a missing {@code received_at}
   */
  Decoded decode(SourceRecord record, long nowMs);

  /** What became of a record. */
  sealed interface Decoded {
    /** A record that can be stored. */
    sealed interface Good extends Decoded {
      Activation activation();

      byte[] payload();

      /** Whether some number was out of range and was cut to what can be kept. */
      boolean clamped();
    }

    /**
     * A record that is a task.
     *
     * @param payload the record's value byte for byte
     */
    record Task(Activation activation, byte[] payload, boolean clamped) implements Good {}

    /**
     * A record of a raw topic, which was made the argument of a task.
     *
     * @param payload the task, with the record in it
     * @param compressedBytes of its arguments; empty if they are not compressed
     */
    record Wrapped(
        Activation activation, byte[] payload, boolean clamped, OptionalInt compressedBytes)
        implements Good {}

    /**
     * @param reason for the dead-letter header and the log; names no content
     * @param payload what to keep of the record: its value, or nothing if it has none or too much
     */
    record Bad(String reason, byte[] payload) implements Decoded {}
  }
}
