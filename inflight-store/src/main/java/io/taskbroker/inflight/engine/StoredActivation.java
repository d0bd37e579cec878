package io.taskbroker.inflight.engine;

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
import io.taskbroker.domain.Failure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import io.taskbroker.domain.attempt.Token;
import io.taskbroker.domain.operator.StoredTask;
import org.jspecify.annotations.Nullable;

/**
 * One row as a journal keeps it: everything but the payload.
 *
 * @param key the order of arrival; unique, never given twice while the row exists
 * @param attempts how often a worker let the deadline pass
 * @param parked why it is kept aside and does not leave; null unless parked
 * @param failure why it has failed; null unless it has, and where that was not written down
 * @param underWay an at-most-once row whose retry or demoted copy Kafka may have
 * @param round in which it was handed out last, see {@link Token}; 0 if nobody has it, had it or
 *     was to have it
 */
public record StoredActivation(
    long key,
    Activation activation,
    ActivationState state,
    int attempts,
    RetryOverride retry,
    @Nullable String parked,
    @Nullable Failure failure,
    boolean underWay,
    long round) {

  /** A row that has not failed, is not under way, and with nobody. */
  public StoredActivation(
      long key,
      Activation activation,
      ActivationState state,
      int attempts,
      RetryOverride retry,
      @Nullable String parked) {
    this(key, activation, state, attempts, retry, parked, null, false, 0);
  }

  /** As operators see it, but for who has it: no journal knows that. */
  public StoredTask task() {
    return new StoredTask(
        key, activation, state, attempts, parked, failure, 0, null, Token.of(round, key));
  }

  /**
   * The row as this process sees it: what is left of its deadline or lease is counted from {@code
   * now}, and bounded, so that a clock which was wrong when it was written postpones nothing
   * without end.
   */
  StoredActivation recalled(Moment now, EngineSettings settings) {
    ActivationState recalled =
        switch (state) {
          case Claimed(Moment end, ClaimPurpose purpose) ->
              new Claimed(Moment.recall(end.wallMs(), now, settings.lease(purpose)), purpose);
          case Processing(Moment deadline) ->
              new Processing(Moment.recall(deadline.wallMs(), now, settings.patience(activation)));
          case Delayed _, Pending _, AwaitingRetry _, Failed _, Completed _ -> state;
        };
    return new StoredActivation(
        key, activation, recalled, attempts, retry, parked, failure, underWay, round);
  }
}
