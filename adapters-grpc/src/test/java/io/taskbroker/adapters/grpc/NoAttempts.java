package io.taskbroker.adapters.grpc;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** A store from which no task was handed out. */
final class NoAttempts implements AttemptStore {
  @Override
  public CompletionStage<List<Delivered>> claim(Want want, Recipient recipient) {
    return CompletableFuture.completedStage(List.of());
  }

  @Override
  public CompletionStage<List<Answer>> tell(List<News> news) {
    return CompletableFuture.completedStage(news.stream().map(_ -> Answer.UNKNOWN).toList());
  }

  @Override
  public CompletionStage<List<Holding>> holding(
      List<Attempt> attempts, @Nullable Duration longestPause, String worker) {
    return CompletableFuture.completedStage(attempts.stream().map(_ -> Holding.OVER).toList());
  }
}
