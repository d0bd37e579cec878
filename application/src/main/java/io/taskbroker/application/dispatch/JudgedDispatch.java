package io.taskbroker.application.dispatch;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A store's dispatch side that judges each activation before it is handed out. One that a kill
 * switch drops, or that no worker can take, is left out; the caller gets the next one.
 */
public final class JudgedDispatch implements DispatchStore {
  private final DispatchStore store;
  private final HandOutJudge judge;

  public JudgedDispatch(DispatchStore store, HandOutJudge judge) {
    this.store = store;
    this.judge = judge;
  }

  @Override
  public CompletionStage<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient) {
    return store.claim(filter, recipient).thenCompose(next -> judged(next, filter, recipient));
  }

  @Override
  public CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    CompletionStage<Concluded> concluded = store.conclude(report, next, recipient);
    return next == null
        ? concluded
        : concluded.thenCompose(
            one ->
                judged(one.next(), next, recipient)
                    .thenApply(judged -> new Concluded(one.known(), judged)));
  }

  private CompletionStage<Optional<Delivered>> judged(
      Optional<Delivered> next, ClaimFilter filter, Recipient recipient) {
    if (next.isEmpty() || judge.isPlain(next.get())) {
      return CompletableFuture.completedStage(next);
    }
    return judge
        .judge(next.get())
        .thenCompose(
            verdict ->
                switch (verdict) {
                  case LET -> CompletableFuture.completedStage(next);
                  case TAKEN_OUT -> claim(filter, recipient);
                  case NOT_JUDGED -> CompletableFuture.completedStage(Optional.empty());
                });
  }

  @Override
  public void leave(Recipient recipient) {
    store.leave(recipient);
  }

  @Override
  public void endWaits() {
    store.endWaits();
  }

  @Override
  public CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    return store.concludeAll(reports);
  }

  @Override
  public void release(Collection<Claim> claims) {
    store.release(claims);
  }

  @Override
  public void brokeOff(Claim claim, @Nullable String fault) {
    store.brokeOff(claim, fault);
  }

  @Override
  public void drop(Claim claim) {
    store.drop(claim);
  }

  @Override
  public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return store.reject(claim, payload, reason);
  }
}
