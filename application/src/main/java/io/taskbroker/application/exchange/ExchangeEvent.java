package io.taskbroker.application.exchange;

import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.News;

/** What there is to count of workers that name their attempts. */
public sealed interface ExchangeEvent {
  /** Words about an attempt were answered. */
  record Told(News news, Answer.Verdict verdict) implements ExchangeEvent {}

  /** Words about so many attempts could not be recorded; they will be said again. */
  record NotNow(int words) implements ExchangeEvent {}
}
