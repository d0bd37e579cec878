package io.taskbroker.adapters.metrics;

import io.taskbroker.adapters.metrics.DispatchCounts.Outcome;
import io.taskbroker.application.Defects;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.dispatch.Report;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.ClaimFilter;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * A dispatch side of which each call is counted and timed. It decides nothing. Counting allocates
 * nothing, and a fault in counting reaches no caller.
 */
final class MeasuredDispatch implements DispatchStore {
  private final DispatchStore store;
  private final DispatchCounts counts;
  private final TimeSource time;
  private final Defects faults;

  MeasuredDispatch(DispatchStore store, DispatchCounts counts, TimeSource time) {
    this.store = store;
    this.counts = counts;
    this.time = time;
    this.faults = Defects.ofCounting("hand-outs and reports", time);
  }

  @Override
  public CompletionStage<Optional<Delivered>> claim(ClaimFilter filter, Recipient recipient) {
    long began = time.nanos();
    return store
        .claim(filter, recipient)
        .whenComplete(
            (next, _) -> {
              if (next != null && next.isPresent()) {
                claimed(next.get().claim(), began);
              }
            });
  }

  private void claimed(Claim claim, long began) {
    try {
      counts.got(time.nanos() - began);
      handedOut(claim);
    } catch (RuntimeException | Error e) {
      faults.accept(e);
    }
  }

  private void handedOut(Claim claim) {
    counts.handedOut(claim, Times.minus(time.now().wallMs(), claim.activation().dueAtMs()));
  }

  @Override
  public CompletionStage<Concluded> conclude(
      Report report, @Nullable ClaimFilter next, Recipient recipient) {
    long began = time.nanos();
    return store
        .conclude(report, next, recipient)
        .whenComplete((concluded, _) -> concluded(report, next != null, concluded, began));
  }

  private void concluded(
      Report report, boolean wantsNext, @Nullable Concluded concluded, long began) {
    try {
      long nanos = time.nanos() - began;
      counts.reported(report.conclusion());
      counts.concluded(report.conclusion(), outcomeOf(concluded), nanos);
      if (wantsNext) {
        counts.fetched(nanos);
      }
      if (concluded != null && concluded.next().isPresent()) {
        handedOut(concluded.next().get().claim());
      }
    } catch (RuntimeException | Error e) {
      faults.accept(e);
    }
  }

  private static Outcome outcomeOf(@Nullable Concluded concluded) {
    if (concluded == null) {
      return Outcome.FAILED;
    }
    return concluded.known() ? Outcome.KNOWN : Outcome.UNKNOWN;
  }

  @Override
  public CompletionStage<List<Boolean>> concludeAll(List<Report> reports) {
    long began = time.nanos();
    return store
        .concludeAll(reports)
        .whenComplete((known, _) -> allConcluded(reports, known, began));
  }

  private void allConcluded(List<Report> reports, @Nullable List<Boolean> known, long began) {
    try {
      counts.batchReceived(reports.size());
      for (Conclusion conclusion : Conclusion.values()) {
        count(conclusion, reports, known);
      }
      counts.batchEnded(time.nanos() - began);
    } catch (RuntimeException | Error e) {
      faults.accept(e);
    }
  }

  private void count(Conclusion conclusion, List<Report> reports, @Nullable List<Boolean> known) {
    int received = 0;
    int written = 0;
    for (int i = 0; i < reports.size(); i++) {
      if (reports.get(i).conclusion() == conclusion) {
        counts.reported(conclusion);
        received++;
        written += known != null && known.get(i) ? 1 : 0;
      }
    }
    if (received > 0 && known != null) {
      counts.batchWritten(conclusion, received, written);
    } else if (received > 0) {
      counts.batchFailed(conclusion, received);
    }
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
