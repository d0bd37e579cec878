package io.taskbroker.application.intake;

import io.taskbroker.domain.Backpressure;

/** What an operator reads when back-pressure holds intake. */
final class HeldWords {
  private HeldWords() {}

  static String why(Backpressure.Reason reason) {
    return switch (reason) {
      case PENDING_LIMIT -> "as many activations are pending as store.max_pending_count allows";
      case DELAY_LIMIT -> "as many activations are delayed as store.max_delay_count allows";
      case PROCESSING_LIMIT ->
          "as many activations are with workers as store.max_processing_count allows";
      case STORE_SIZE_LIMIT -> "the store is as large as store.max_size allows";
      case OUTBOX_LIMIT ->
          "as many retries and dead letters wait for Kafka as store.max_outbox_count allows";
      case LOG_SIZE_LIMIT -> "the store's write-ahead log has reached its limit";
      case MEMORY_LIMIT -> "the stored activations fill the memory that they may take";
    };
  }

  static String remedy(Backpressure.Reason reason) {
    return switch (reason) {
      case PENDING_LIMIT -> "It goes on as workers take tasks: add workers, or raise the limit.";
      case DELAY_LIMIT -> "It goes on as delays end; raise the limit if so many are wanted.";
      case PROCESSING_LIMIT ->
          "It goes on as workers report: look at what they hang in, or raise the limit.";
      case STORE_SIZE_LIMIT -> "It goes on as tasks are finished: add workers, or raise the limit.";
      case OUTBOX_LIMIT ->
          "It goes on once Kafka takes them: look for a line about the retry or dead-letter topic.";
      case LOG_SIZE_LIMIT ->
          "Another process reads the file for long and keeps the log from being reset: end it.";
      case MEMORY_LIMIT ->
          "It goes on as tasks are finished: give the broker more heap, or lower the limits.";
    };
  }
}
