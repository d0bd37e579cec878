package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.engine.StoredActivation;
import org.jspecify.annotations.Nullable;

/**
 * What a store has kept of an activation, as far as two stores must agree on it.
 *
 * @param untilMs end of the delay, the lease or the deadline, Unix milliseconds; null in states
 *     that have none
 * @param parked why it is kept aside and does not leave; null unless parked
 * @param failure why it has failed; null unless it has. Its time is left out: what fails because a
 *     process ended has the time of the latest start, until something else is written of it
 * @param underWay an at-most-once row whose record Kafka may have
 */
public record KeptRow(
    String id,
    Status status,
    @Nullable Long untilMs,
    int attempts,
    RetryOverride retry,
    @Nullable String parked,
    @Nullable Failure failure,
    boolean underWay) {

  public static KeptRow of(StoredActivation row) {
    return new KeptRow(
        row.activation().id(),
        row.state().status(),
        untilMs(row.state()),
        row.attempts(),
        row.retry(),
        row.parked(),
        timeless(row.failure()),
        row.underWay());
  }

  static @Nullable Failure timeless(@Nullable Failure failure) {
    return failure == null ? null : new Failure(failure.cause(), 0, failure.lastError());
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
