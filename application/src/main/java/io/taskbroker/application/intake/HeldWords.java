package io.taskbroker.application.intake;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ApplicationDepth;
import io.taskbroker.domain.Backpressure;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What an operator reads when back-pressure holds intake. */
final class HeldWords {
  /** Applications that one line names. */
  private static final int MOST_NAMED = 5;

  private HeldWords() {}

  /** Who fills the store, and when anybody last asked for it: to follow {@link #why}. */
  static String whose(List<ApplicationDepth> applications) {
    List<ApplicationDepth> waiting =
        applications.stream()
            .filter(one -> one.pending() > 0)
            .sorted(Comparator.comparingInt(ApplicationDepth::pending).reversed())
            .toList();
    String named =
        waiting.stream().limit(MOST_NAMED).map(HeldWords::named).collect(Collectors.joining(", "));
    int more = waiting.size() - MOST_NAMED;
    return named.isEmpty() ? "" : ": " + named + (more > 0 ? ", and " + more + " more" : "");
  }

  private static String named(ApplicationDepth one) {
    String asked =
        one.sinceAsked()
            .map(since -> "last asked for " + since.toSeconds() + " s ago")
            .orElse("nobody has asked for them since the start");
    return "%d of application '%s' (%s)".formatted(one.pending(), one.application(), asked);
  }

  /**
   * Which task fills the store almost alone: to follow {@link #why}.
   *
   * @param payloadBytes of all tasks
   */
  static String largest(Optional<Activation> largest, long payloadBytes) {
    return largest
        .filter(task -> task.payloadBytes() >= payloadBytes / 4)
        .map(
            task ->
                "; %s of the %s of all tasks are task '%s' ('%s' of application '%s')"
                    .formatted(
                        megabytes(task.payloadBytes()),
                        megabytes(payloadBytes),
                        task.id(),
                        task.taskname(),
                        task.application()))
        .orElse("");
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MB", bytes / 1e6);
  }

  static String why(Backpressure.Reason reason) {
    return switch (reason) {
      case PENDING_LIMIT -> "as many tasks are pending as store.max_pending_count allows";
      case DELAY_LIMIT -> "as many tasks are delayed as store.max_delay_count allows";
      case PROCESSING_LIMIT ->
          "as many tasks are with workers as store.max_processing_count allows";
      case STORE_SIZE_LIMIT -> "the store is as large as store.max_size allows";
      case OUTBOX_LIMIT ->
          "as many retries and dead letters wait for Kafka as store.max_outbox_count allows";
      case LOG_SIZE_LIMIT -> "the store's write-ahead log has reached its limit";
      case MEMORY_LIMIT -> "the stored tasks fill the memory that they may take";
    };
  }

  static String remedy(Backpressure.Reason reason) {
    return switch (reason) {
      case PENDING_LIMIT ->
          "It goes on as workers take tasks: start or add workers of the applications named, 'resume'"
              + " what is paused, or raise the limit. What nobody asks for during a minute stops to"
              + " count towards it.";
      case DELAY_LIMIT -> "It goes on as delays end; raise the limit if so many are wanted.";
      case PROCESSING_LIMIT ->
          "It goes on as workers report: look at what they hang in, or raise the limit.";
      case STORE_SIZE_LIMIT ->
          "It goes on as tasks are finished: add workers, raise the limit, or 'cancel' a task that is"
              + " named here and that nobody needs.";
      case OUTBOX_LIMIT ->
          "It goes on once Kafka takes them: look for a line about the retry or dead-letter topic.";
      case LOG_SIZE_LIMIT ->
          "Another process reads the file for long and keeps the log from being reset: end it.";
      case MEMORY_LIMIT ->
          "It goes on as tasks are finished: give the broker more heap, or lower the limits.";
    };
  }
}
