package io.taskbroker.application.dispatch;

import io.taskbroker.application.Sparsely;
import io.taskbroker.application.rules.HandOutRules;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store's dispatch side that judges each activation before it is handed out. One that a kill
 * switch drops, or that no worker can take, is left out; the caller gets the next one.
 */
public final class JudgedDispatch implements DispatchStore {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::grpc::server");

  private final DispatchStore store;
  private final HandOutRules rules;
  private final Sparsely rejectedLines;

  public JudgedDispatch(DispatchStore store, HandOutRules rules, TimeSource time) {
    this.store = store;
    this.rules = rules;
    this.rejectedLines = new Sparsely(time, Duration.ofMinutes(1));
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
    if (next.isEmpty()) {
      return CompletableFuture.completedStage(next);
    }
    Delivered delivered = next.get();
    Claim claim = delivered.claim();
    String hopeless = claim.hopeless();
    if (hopeless != null) {
      reject(delivered, hopeless);
      return claim(filter, recipient);
    }
    if (!rules.isSuspect(claim)) {
      return CompletableFuture.completedStage(next);
    }
    return rules
        .isKilled(claim, delivered.payload())
        .thenCompose(
            isKilled -> {
              if (!isKilled) {
                return CompletableFuture.completedStage(next);
              }
              store.drop(claim);
              return claim(filter, recipient);
            });
  }

  private void reject(Delivered delivered, String reason) {
    long rejected = rejectedLines.count(1);
    if (rejected > 0) {
      LOG.error(
          "No worker of application '{}' can take activation {}: {}; it goes to the dead-letter"
              + " topic ({} such activations since the last line)",
          delivered.claim().activation().application(),
          delivered.claim().activation().id(),
          reason,
          rejected);
    }
    var _ = store.reject(delivered.claim(), delivered.payload(), reason);
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
