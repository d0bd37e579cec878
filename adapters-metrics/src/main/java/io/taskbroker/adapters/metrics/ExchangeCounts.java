package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.exchange.ExchangeEvent;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;

/**
 * What is counted of workers that name their attempts. Their outcomes count among those of all
 * workers, too.
 */
final class ExchangeCounts implements EventSink<ExchangeEvent> {
  private final ByTag<ByTag<Counter>> words;
  private final Counter notNow;
  private final Gauge attached;
  private final Histogram ran;
  private final DispatchCounts outcomes;

  ExchangeCounts(Meters meters, DispatchCounts outcomes) {
    this.outcomes = outcomes;
    words =
        meters.byTwo(
            word -> verdict -> meters.counter("exchange.words", "word", word, "verdict", verdict));
    notNow = meters.counter("exchange.words_not_now");
    attached = meters.gauge("exchange.workers");
    ran = meters.histogram("exchange.run.duration", Unit.SECONDS);
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
      case ExchangeEvent.Attached(int workers) -> attached.set(workers);
      case ExchangeEvent.Ran(Duration took) -> ran.recordNanos(took.toNanos());
      case ExchangeEvent.HandedOut(Claim claim, long atMs) ->
          outcomes.handedOut(claim, Times.minus(atMs, claim.activation().dueAtMs()));
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
