package io.taskbroker.application.dispatch;

import io.taskbroker.application.Sparsely;
import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Judges what was claimed for a worker before it gets it: what a kill switch names is dropped, and
 * what no worker can take goes to the dead-letter topic. Safe for all threads.
 */
public final class HandOutJudge {
  /** What becomes of a claim. */
  public enum Verdict {
    /** The worker may have it. */
    LET,
    /**
     * It has been dropped, has left, or rests since it cannot be judged. Another one may be claimed
     * in its place.
     */
    TAKEN_OUT,
    /** Nobody judges now. It is pending again, and another one would be no better. */
    NOT_JUDGED
  }

  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");

  private final DispatchStore store;
  private final HandOutRules rules;
  private final Sparsely rejectedLines;

  public HandOutJudge(DispatchStore store, HandOutRules rules, TimeSource time) {
    this.store = store;
    this.rules = rules;
    this.rejectedLines = new Sparsely(time, Duration.ofMinutes(1));
  }

  /** Whether there is nothing to judge, so that the worker can have it at once. Cheap. */
  public boolean isPlain(Delivered claimed) {
    return claimed.claim().hopeless() == null && !rules.isSuspect(claimed.claim());
  }

  /** What becomes of it; unless the worker may have it, that is done. Never fails. */
  public CompletionStage<Verdict> judge(Delivered claimed) {
    Claim claim = claimed.claim();
    String hopeless = claim.hopeless();
    if (hopeless != null) {
      reject(claimed, hopeless);
      return CompletableFuture.completedStage(Verdict.TAKEN_OUT);
    }
    if (!rules.isSuspect(claim)) {
      return CompletableFuture.completedStage(Verdict.LET);
    }
    return rules
        .isKilled(claim, claimed.payload())
        .handle(
            (isKilled, failure) ->
                failure == null ? settled(claim, isKilled) : back(claim, failure));
  }

  private Verdict settled(Claim claim, boolean isKilled) {
    if (isKilled) {
      store.drop(claim);
      return Verdict.TAKEN_OUT;
    }
    return Verdict.LET;
  }

  private Verdict back(Claim claim, Throwable failure) {
    String fault = HandOutRules.fault(failure);
    store.brokeOff(claim, fault);
    return fault == null ? Verdict.NOT_JUDGED : Verdict.TAKEN_OUT;
  }

  private void reject(Delivered claimed, String reason) {
    long rejected = rejectedLines.count(1);
    if (rejected > 0) {
      LOG.error(
          "No worker of application '{}' can take activation {}: {}; it goes to the dead-letter"
              + " topic ({} such activations since the last line)",
          claimed.claim().activation().application(),
          claimed.claim().activation().id(),
          reason,
          rejected);
    }
    var _ = store.reject(claimed.claim(), claimed.payload(), reason);
  }
}
