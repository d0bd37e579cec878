package io.taskbroker.application;

import io.taskbroker.domain.FailureCause;

/** Why a task has failed, in words for people. */
public final class FailureWords {
  private FailureWords() {}

  /**
   * @param attempts how often a worker let the deadline pass
   */
  public static String of(FailureCause cause, int attempts) {
    return switch (cause) {
      case REPORTED -> "a worker reported that it failed";
      case ATTEMPTS_USED_UP ->
          "its attempts are used up: %d times a worker had it and did not report in time"
              .formatted(attempts);
      case DEADLINE_MISSED ->
          "it may run at most once, and the worker that had it did not report in time";
      case PUSH_UNANSWERED ->
          "it may run at most once, and the worker that it was pushed to gave no answer";
      case OVERTAKEN ->
          "it may run at most once, and its partition went to another broker, which may have run it";
      case RETRY_UNCERTAIN ->
          "it may run at most once, and nobody knows whether Kafka has taken its retry";
      case DEMOTION_UNCERTAIN ->
          "it may run at most once, and nobody knows whether Kafka has taken it for the topic of"
              + " demoted namespaces";
      case UNDELIVERABLE -> "no worker can take it";
    };
  }
}
