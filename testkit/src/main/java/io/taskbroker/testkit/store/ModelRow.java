package io.taskbroker.testkit.store;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.operator.PauseTarget;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.inflight.engine.FailedDeliveries;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One activation of the {@link ModelStore}: a bag of facts. */
final class ModelRow {
  /** What a row that is due still waits for. */
  enum WaitsFor {
    NOTHING,
    COMMIT,
    REDELIVERY
  }

  final long key;
  final Activation activation;
  final byte[] payload;
  ActivationState state;
  int attempts;
  RetryOverride retry = RetryOverride.NONE;
  @Nullable String parked;
  @Nullable Failure failure;
  int refusals;
  long parkedUntilMs = Long.MAX_VALUE;
  boolean underWay;
  WaitsFor waitsFor = WaitsFor.NOTHING;
  long claim;
  boolean sent;

  /** 0 if that was not in this process. */
  long handedOutMs;

  /** Who has it, or had its last attempt; null if nobody knows. */
  @Nullable String worker;

  /** Of a worker that has promised signs of life: what its deadline can be at most. */
  @Nullable Moment limit;

  @Nullable Duration longestPause;
  @Nullable FailedDeliveries failedDeliveries;
  long restsUntilMs;

  /** What a publisher has it as; null if none has it. */
  @Nullable Lane departing;

  boolean foundExpired;
  @Nullable PauseTarget pausedBy;

  ModelRow(long key, Activation activation, byte[] payload, ActivationState state) {
    this.key = key;
    this.activation = activation;
    this.payload = payload;
    this.state = state;
  }

  boolean isDue(int maxAttempts) {
    return state instanceof Pending
        && waitsFor == WaitsFor.NOTHING
        && !foundExpired
        && pausedBy == null
        && attempts < maxAttempts;
  }

  /** Where it stands behind others: 0 unless its delivery broke off a moment ago. */
  long restsAt(long monotonicMs) {
    return restsUntilMs > monotonicMs ? restsUntilMs : 0;
  }

  /** The same moment as a claim would judge it: what expires now is expired. */
  boolean isExpired(Moment now) {
    Long expiresAtMs = activation.expiresAtMs();
    return expiresAtMs != null && expiresAtMs <= now.wallMs();
  }

  /** Whether another broker might still get the record of this at-most-once row. */
  boolean isWaiting() {
    if (waitsFor == WaitsFor.NOTHING) {
      return false;
    }
    return switch (state) {
      case Pending _, Delayed _ -> true;
      case Claimed claimed -> claimed.purpose() == ClaimPurpose.DEMOTION;
      case Processing _, AwaitingRetry _, Failed _, Completed _ -> false;
    };
  }

  /** Whether a publisher has it as what it has to leave as. */
  boolean isOutgoing() {
    return departing != null && departing == ModelRows.laneOf(this);
  }

  boolean isUnserved() {
    return attempts == 0 && (state instanceof Pending || state instanceof Claimed);
  }

  /** What a lease that is over means: a push that never began reached nobody. */
  Delivery deliveryOfLease() {
    return sent ? activation.delivery() : Delivery.AT_LEAST_ONCE;
  }

  /** As operators see it. */
  StoredTask task() {
    return new StoredTask(
        key, activation, state, attempts, parked, failure, handedOutMs, worker, claim);
  }

  StoredActivation stored() {
    return new StoredActivation(
        key, activation, state, attempts, retry, parked, failure, underWay, 0);
  }
}
