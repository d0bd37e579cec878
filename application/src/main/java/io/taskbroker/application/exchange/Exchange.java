package io.taskbroker.application.exchange;

import io.taskbroker.application.EventSink;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.News;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * Workers say what becomes of attempts that they name by token. Also a broker that hands out
 * nothing any more takes their words.
 *
 * <p>Nothing here blocks; stages complete as {@link AttemptStore} says. Safe for all threads.
 */
public final class Exchange {
  /** What one call may say. */
  public static final int MOST_NEWS = 10_000;

  private final AttemptStore store;
  private final EventSink<ExchangeEvent> metrics;

  public Exchange(AttemptStore store, EventSink<ExchangeEvent> metrics) {
    this.store = store;
    this.metrics = metrics;
  }

  /**
   * Records what workers say; for each, in order, what became of it.
   *
   * @param news at most {@link #MOST_NEWS}
   */
  public CompletionStage<List<Answer>> tell(List<News> news) {
    return store.tell(news).whenComplete((answers, _) -> count(news, answers));
  }

  private void count(List<News> news, @Nullable List<Answer> answers) {
    if (answers == null) {
      metrics.count(new ExchangeEvent.NotNow(news.size()));
      return;
    }
    for (int i = 0; i < news.size(); i++) {
      metrics.count(new ExchangeEvent.Told(news.get(i), answers.get(i).verdict()));
    }
  }
}
