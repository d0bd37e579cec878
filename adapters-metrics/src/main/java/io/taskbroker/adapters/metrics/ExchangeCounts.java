package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.exchange.ExchangeEvent;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.News;

/**
 * What is counted of workers that name their attempts. Their outcomes count among those of all
 * workers, too.
 */
final class ExchangeCounts implements EventSink<ExchangeEvent> {
  private final ByTag<ByTag<Counter>> words;
  private final Counter notNow;
  private final DispatchCounts outcomes;

  ExchangeCounts(Meters meters, DispatchCounts outcomes) {
    this.outcomes = outcomes;
    words =
        meters.byTwo(
            word -> verdict -> meters.counter("exchange.words", "word", word, "verdict", verdict));
    notNow = meters.counter("exchange.words_not_now");
  }

  @Override
  public void count(ExchangeEvent event) {
    switch (event) {
      case ExchangeEvent.Told(News news, Answer.Verdict verdict) -> {
        words.of(nameOf(news)).of(nameOf(verdict)).one();
        if (news instanceof News.Outcome outcome) {
          outcomes.told(outcome.conclusion(), verdict != Answer.Verdict.UNKNOWN);
        }
      }
      case ExchangeEvent.NotNow(int count) -> notNow.add(count);
    }
  }

  private static String nameOf(News news) {
    return switch (news) {
      case News.Outcome _ -> "outcome";
      case News.HandBack _ -> "hand_back";
      case News.Extension _ -> "extension";
    };
  }

  private static String nameOf(Answer.Verdict verdict) {
    return switch (verdict) {
      case RECORDED -> "recorded";
      case ALREADY_OVER -> "already_over";
      case UNKNOWN -> "unknown";
      case SUPERSEDED -> "superseded";
    };
  }
}
