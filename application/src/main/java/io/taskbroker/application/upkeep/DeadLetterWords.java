package io.taskbroker.application.upkeep;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.taskbroker.application.DeadLetterHeaders;
import io.taskbroker.application.FailureWords;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Outgoing;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the headers of a dead letter say. */
final class DeadLetterWords {
  private DeadLetterWords() {}

  /**
   * @param earlierAttempts of the task, before this one
   * @param nowMs Unix milliseconds; for rows of which it is not known when they failed
   */
  static Map<String, byte[]> of(Outgoing row, int earlierAttempts, long nowMs) {
    Activation activation = row.activation();
    Failure failure = row.failure();
    Map<String, String> words = new LinkedHashMap<>();
    words.put(DeadLetterHeaders.REASON, reason(row));
    words.put(DeadLetterHeaders.ATTEMPTS, Long.toString(attempts(row, earlierAttempts)));
    words.put(DeadLetterHeaders.FIRST_TIME, Long.toString(activation.receivedAtMs()));
    words.put(DeadLetterHeaders.LAST_TIME, Long.toString(lastTimeMs(row, nowMs)));
    if (failure != null && failure.lastError() != null) {
      words.put(DeadLetterHeaders.LAST_ERROR, failure.lastError());
    }
    words.put(DeadLetterHeaders.SOURCE_TOPIC, activation.partition().topic());
    words.put(
        DeadLetterHeaders.SOURCE_PARTITION, Integer.toString(activation.partition().number()));
    words.put(DeadLetterHeaders.SOURCE_OFFSET, Long.toString(activation.offset()));
    if (activation.isBadRecord()) {
      words.put(DeadLetterHeaders.SOURCE_TIMESTAMP, Long.toString(activation.receivedAtMs()));
    }
    Map<String, byte[]> headers = new LinkedHashMap<>();
    words.forEach((name, text) -> headers.put(name, text.getBytes(UTF_8)));
    return headers;
  }

  private static String reason(Outgoing row) {
    String defect = row.activation().defect();
    if (defect != null) {
      return defect;
    }
    Failure failure = row.failure();
    return failure == null
        ? "it has failed, and an earlier version of the broker did not write down why"
        : FailureWords.of(failure.cause(), row.attempts());
  }

  private static long attempts(Outgoing row, int earlierAttempts) {
    Failure failure = row.failure();
    return Integer.toUnsignedLong(earlierAttempts)
        + row.attempts()
        + (failure == null ? 0 : lastAttempts(failure.cause()));
  }

  /** How many attempts ended with the failure itself, which the row has not counted. */
  private static int lastAttempts(FailureCause cause) {
    return switch (cause) {
      case REPORTED, DEADLINE_MISSED, PUSH_UNANSWERED, RETRY_UNCERTAIN -> 1;
      case ATTEMPTS_USED_UP, OVERTAKEN, DEMOTION_UNCERTAIN, UNDELIVERABLE -> 0;
    };
  }

  private static long lastTimeMs(Outgoing row, long nowMs) {
    Failure failure = row.failure();
    if (failure != null) {
      return failure.atMs();
    }
    return row.activation().isBadRecord() ? row.activation().addedAtMs() : nowMs;
  }
}
