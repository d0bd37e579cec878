package io.taskbroker.application.push;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.domain.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store's push side that hands out nothing which a kill switch drops. */
public final class JudgedPushes implements PushStore {
  private final PushStore store;
  private final HandOutRules rules;

  public JudgedPushes(PushStore store, HandOutRules rules) {
    this.store = store;
    this.rules = rules;
  }

  @Override
  public CompletionStage<List<Delivered>> claimForPush(
      String application, int limit, long maxBytes, Duration lease) {
    return store
        .claimForPush(application, limit, maxBytes, lease)
        .thenCompose(
            claimed ->
                judged(claimed)
                    .thenCompose(
                        left ->
                            left.isEmpty() && !claimed.isEmpty()
                                ? claimForPush(application, limit, maxBytes, lease)
                                : CompletableFuture.completedStage(left)));
  }

  private CompletionStage<List<Delivered>> judged(List<Delivered> claimed) {
    if (claimed.stream().noneMatch(one -> rules.isSuspect(one.claim()))) {
      return CompletableFuture.completedStage(claimed);
    }
    CompletionStage<List<Delivered>> left = CompletableFuture.completedStage(new ArrayList<>());
    for (Delivered one : claimed) {
      left =
          left.thenCombine(
              rules.isSuspect(one.claim())
                  ? rules.isKilled(one.claim(), one.payload())
                  : CompletableFuture.completedStage(false),
              (kept, isKilled) -> {
                if (isKilled) {
                  store.drop(one.claim());
                } else {
                  kept.add(one);
                }
                return kept;
              });
    }
    return left;
  }

  @Override
  public CompletionStage<Boolean> sending(Claim claim) {
    return store.sending(claim);
  }

  @Override
  public CompletionStage<Boolean> accepted(Claim claim) {
    return store.accepted(claim);
  }

  @Override
  public void pushFailed(Claim claim, String reason) {
    store.pushFailed(claim, reason);
  }

  @Override
  public void release(Collection<Claim> claims) {
    store.release(claims);
  }

  @Override
  public void drop(Claim claim) {
    store.drop(claim);
  }

  @Override
  public CompletionStage<Boolean> reject(Claim claim, byte[] payload, String reason) {
    return store.reject(claim, payload, reason);
  }

  @Override
  public boolean hasPending() {
    return store.hasPending();
  }

  @Override
  public Map<String, Integer> pendingByApplication() {
    return store.pendingByApplication();
  }
}
