package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.engine.StoredActivation;
import org.jspecify.annotations.Nullable;

/**
 * What a store has kept of an activation, as far as two stores must agree on it.
 *
 * @param untilMs end of the delay, the lease or the deadline, Unix milliseconds; null in states
 *     that have none
 * @param parked why Kafka will never take it; null unless parked
 */
public record KeptRow(
    String id,
    Status status,
    @Nullable Long untilMs,
    int attempts,
    RetryOverride retry,
    @Nullable String parked) {

  public static KeptRow of(StoredActivation row) {
    return new KeptRow(
        row.activation().id(),
        row.state().status(),
        untilMs(row.state()),
        row.attempts(),
        row.retry(),
        row.parked());
  }

  private static @Nullable Long untilMs(ActivationState state) {
    return switch (state) {
      case Delayed delayed -> delayed.untilMs();
      case Claimed claimed -> claimed.leaseEnd().wallMs();
      case Processing processing -> processing.deadline().wallMs();
      case Pending _, AwaitingRetry _, Failed _, Completed _ -> null;
    };
  }
}
