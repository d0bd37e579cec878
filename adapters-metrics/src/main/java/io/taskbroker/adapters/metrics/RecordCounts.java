package io.taskbroker.adapters.metrics;

import io.taskbroker.application.intake.ActivationDecoder.Decoded;
import io.taskbroker.domain.Activation;

/** The series of the records of one topic. */
final class RecordCounts {
  private final ByTag<ByTag<Histogram>> payloadBytes;
  private final ByTag<ByTag<Histogram>> rawBytes;
  private final ByTag<ByTag<Histogram>> compressedBytes;
  private final Counter clamped;

  RecordCounts(Meters meters, String topic) {
    this.payloadBytes = bytes(meters, "consumer.message.payload_size_bytes", topic);
    this.rawBytes = bytes(meters, "consumer.raw.payload_size_bytes", topic);
    this.compressedBytes = bytes(meters, "consumer.raw.compressed_payload_size_bytes", topic);
    this.clamped = meters.counter("consumer.clamped", "topic", topic);
  }

  private static ByTag<ByTag<Histogram>> bytes(Meters meters, String name, String topic) {
    return meters.byTwo(
        namespace ->
            task ->
                meters.coarse(
                    name, Unit.BYTES, "topic", topic, "namespace", namespace, "taskname", task));
  }

  /** A record was read as a task. */
  void decoded(Decoded.Task task) {
    of(payloadBytes, task.activation()).record(task.payload().length);
    countClamped(task);
  }

  /** A record of a raw topic was made the argument of a task. */
  void wrapped(Decoded.Wrapped wrapped, int valueBytes) {
    of(rawBytes, wrapped.activation()).record(valueBytes);
    wrapped
        .compressedBytes()
        .ifPresent(length -> of(compressedBytes, wrapped.activation()).record(length));
    countClamped(wrapped);
  }

  private void countClamped(Decoded.Good good) {
    if (good.clamped()) {
      clamped.one();
    }
  }

  private static Histogram of(ByTag<ByTag<Histogram>> tasks, Activation activation) {
    return tasks.of(activation.namespace()).of(activation.taskname());
  }
}
