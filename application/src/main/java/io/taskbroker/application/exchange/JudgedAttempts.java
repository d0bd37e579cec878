package io.taskbroker.application.exchange;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.dispatch.HandOutJudge;
import io.taskbroker.application.dispatch.HandOutJudge.Verdict;
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
        .thenCompose(this::judged)
        .thenCompose(
            judged ->
                judged.wereAllTakenOut()
                    ? claim(want, recipient)
                    : CompletableFuture.completedStage(judged.left));
  }

  /** What has become of claims so far. Used by one judgement after the other. */
  private static final class Judged {
    private final List<Delivered> left = new ArrayList<>();
    private boolean wereTakenOut;
    private boolean wereUnjudged;

    boolean wereAllTakenOut() {
      return wereTakenOut && !wereUnjudged && left.isEmpty();
    }

    Judged with(Delivered one, Verdict verdict) {
      switch (verdict) {
        case LET -> left.add(one);
        case TAKEN_OUT -> wereTakenOut = true;
        case NOT_JUDGED -> wereUnjudged = true;
      }
      return this;
    }
  }

  private CompletionStage<Judged> judged(List<Delivered> claimed) {
    Judged all = new Judged();
    if (claimed.stream().allMatch(judge::isPlain)) { // as almost always
      all.left.addAll(claimed);
      return CompletableFuture.completedStage(all);
    }
    CompletionStage<Judged> judged = CompletableFuture.completedStage(all);
    for (Delivered one : claimed) {
      judged = judged.thenCombine(judge.judge(one), (before, verdict) -> before.with(one, verdict));
    }
    return judged;
  }

  @Override
  public CompletionStage<List<Answer>> tell(List<News> news) {
    return store.tell(news);
  }

  @Override
  public CompletionStage<List<Holding>> holding(
      List<Attempt> attempts, @Nullable Duration longestPause, String worker) {
    return store.holding(attempts, longestPause, worker);
  }
}
