package io.taskbroker.application.exchange;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;

/** What there is to count of workers that name their attempts. */
public sealed interface ExchangeEvent {
  /** Words about an attempt were answered. */
  record Told(News news, Answer.Verdict verdict) implements ExchangeEvent {}

  /** Words about so many attempts could not be recorded; they will be said again. */
  record NotNow(int words) implements ExchangeEvent {}

  /** A worker has said how long a task ran. */
  record Ran(Duration took) implements ExchangeEvent {}

  /** So many workers are attached now. */
  record Attached(int workers) implements ExchangeEvent {}

  /**
   * A task was given to a worker that is attached.
   *
   * @param atMs Unix milliseconds
   */
  record HandedOut(Claim claim, long atMs) implements ExchangeEvent {}
}
