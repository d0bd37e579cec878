package io.taskbroker.benchmarks.broker;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.exchange.Want;
import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.OnAttemptsExceeded;
import io.taskbroker.domain.Partition;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.attempt.Answer;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Holding;
import io.taskbroker.domain.attempt.News;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** No store: the same task is always due, and what is said of it is forgotten. */
final class EndlessTasks implements AttemptStore, DispatchStore {
  private final byte[] payload;
  private final Activation activation;
  private final AtomicLong tokens = new AtomicLong();
  private final AtomicLong outcomes = new AtomicLong();

  EndlessTasks(byte[] payload) {
    this.payload = payload;
    this.activation =
        new Activation(
            "echo",
            "shop",
            "orders",
            "echo",
            new Partition("tasks", 0),
            0,
            0,
            0,
            null,
            null,
            30,
            Delivery.AT_LEAST_ONCE,
            OnAttemptsExceeded.UNSPECIFIED,
            payload.length,
            null);
  }

  long outcomes() {
    return outcomes.get();
  }

  private Delivered next() {
    long token = tokens.incrementAndGet();
    return new Delivered(new Claim(token, token, activation, 0, RetryOverride.NONE, null), payload);
  }

  @Override
  public CompletionStage<List<Delivered>> claim(Want want, Recipient recipient) {
    List<Delivered> tasks = new ArrayList<>(want.tasks());
    long bytes = payload.length;
    while (tasks.size() < want.tasks() && (bytes <= want.bytes() || tasks.isEmpty())) {
      Delivered next = next();
      if (!recipient.accepts(next.claim())) {
        break;
      }
      tasks.add(next);
      bytes += payload.length;
    }
    return CompletableFuture.completedStage(tasks);
  }

  @Override
  public CompletionStage<List<Answer>> tell(List<News> news) {
    outcomes.addAndGet(news.size());
    return CompletableFuture.completedStage(Collections.nCopies(news.size(), Answer.RECORDED));
  }

  @Override
  public CompletionStage<List<Holding>> holding(
      List<Attempt> attempts, @Nullable Duration longestPause, String worker) {
    return CompletableFuture.completedStage(Collections.nCopies(attempts.size(), Holding.OVER));
  }

  @Override
  public CompletionStage<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient) {
    Delivered next = next();
    return CompletableFuture.completedStage(
        recipient.accepts(next.claim()) ? Optional.of(next) : Optional.empty());
  }

  @Override
  public CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    CompletionStage<Optional<Delivered>> task =
        next == null ? CompletableFuture.completedStage(Optional.empty()) : claim(next, recipient);
    return task.thenApply(one -> new Concluded(true, one));
  }

  @Override
  public CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    return CompletableFuture.completedStage(Collections.nCopies(reports.size(), true));
  }

  @Override
  public void release(Collection<Claim> claims) {}

  @Override
  public void brokeOff(Claim claim, @Nullable String fault) {}

  @Override
  public void drop(Claim claim) {}

  @Override
  public CompletionStage<Boolean> reject(Claim claim, byte[] rejected, String reason) {
    return CompletableFuture.completedStage(true);
  }

  @Override
  public void leave(Recipient recipient) {}

  @Override
  public void endWaits() {}
}
