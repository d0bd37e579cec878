package io.taskbroker.application.exchange;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.HandOutJudge;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A store's attempts, of which only those are handed out that may be: without what a kill switch
 * drops, and what no worker can take.
 */
public final class JudgedAttempts implements AttemptStore {
  private final AttemptStore store;
  private final HandOutJudge judge;

  public JudgedAttempts(AttemptStore store, HandOutJudge judge) {
    this.store = store;
    this.judge = judge;
  }

  @Override
  public CompletionStage<List<Delivered>> claim(Want want, Recipient recipient) {
    return store
        .claim(want, recipient)
        .thenCompose(
            claimed ->
                judged(claimed)
                    .thenCompose(
                        left ->
                            left.isEmpty() && !claimed.isEmpty()
                                ? claim(want, recipient)
                                : CompletableFuture.completedStage(left)));
  }

  private CompletionStage<List<Delivered>> judged(List<Delivered> claimed) {
    if (claimed.stream().allMatch(judge::isPlain)) {
      return CompletableFuture.completedStage(claimed);
    }
    CompletionStage<List<Delivered>> left = CompletableFuture.completedStage(new ArrayList<>());
    for (Delivered one : claimed) {
      left =
          left.thenCombine(
              judge.lets(one),
              (kept, isLet) -> {
                if (isLet) {
                  kept.add(one);
                }
                return kept;
              });
    }
    return left;
  }

  @Override
  public CompletionStage<List<Answer>> tell(List<News> news) {
    return store.tell(news);
  }

  @Override
  public CompletionStage<List<Holding>> holding(
      List<Attempt> attempts, @Nullable Duration longestPause) {
    return store.holding(attempts, longestPause);
  }
}
