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
import org.jspecify.annotations.Nullable;

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
        .thenCompose(this::judged)
        .thenCompose(
            judged ->
                judged.wereAllKilled()
                    ? claimForPush(application, limit, maxBytes, lease)
                    : CompletableFuture.completedStage(judged.left));
  }

  /** What has become of claims so far. Used by one judgement after the other. */
  private static final class Judged {
    private final List<Delivered> left = new ArrayList<>();
    private boolean wereKilled;
    private boolean wereUnjudged;

    boolean wereAllKilled() {
      return wereKilled && !wereUnjudged && left.isEmpty();
    }
  }

  private CompletionStage<Judged> judged(List<Delivered> claimed) {
    Judged all = new Judged();
    if (claimed.stream().noneMatch(one -> rules.isSuspect(one.claim()))) { // as almost always
      all.left.addAll(claimed);
      return CompletableFuture.completedStage(all);
    }
    CompletionStage<Judged> judged = CompletableFuture.completedStage(all);
    for (Delivered one : claimed) {
      judged = judged.thenCompose(before -> judge(one, before));
    }
    return judged;
  }

  private CompletionStage<Judged> judge(Delivered one, Judged judged) {
    if (!rules.isSuspect(one.claim())) {
      judged.left.add(one);
      return CompletableFuture.completedStage(judged);
    }
    return rules
        .isKilled(one.claim(), one.payload())
        .handle(
            (isKilled, failure) -> {
              if (failure != null) {
                judged.wereUnjudged = true;
                takeBack(one.claim(), HandOutRules.fault(failure));
              } else if (isKilled) {
                judged.wereKilled = true;
                store.drop(one.claim());
              } else {
                judged.left.add(one);
              }
              return judged;
            });
  }

  /** What is to blame for it itself stays claimed until the lease ends, so that others go first. */
  private void takeBack(Claim claim, @Nullable String fault) {
    if (fault == null) {
      store.release(List.of(claim));
    } else {
      store.pushFailed(claim, fault);
    }
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
