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
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.RetryOverride;
import org.jspecify.annotations.Nullable;

/**
 * One row as a journal keeps it: everything but the payload.
 *
 * @param key the order of arrival; unique, never given twice while the row exists
 * @param attempts how often a worker let the deadline pass
 * @param parked why Kafka will never take it; null unless parked
 */
public record StoredActivation(
    long key,
    Activation activation,
    ActivationState state,
    int attempts,
    RetryOverride retry,
    @Nullable String parked) {

  /**
   * The row as this process sees it: what is left of its deadline or lease is counted from {@code
   * now}, and bounded, so that a clock which was wrong when it was written postpones nothing
   * without end.
   */
  StoredActivation recalled(Moment now, EngineSettings settings) {
    ActivationState recalled =
        switch (state) {
          case Claimed(Moment end, ClaimPurpose purpose) ->
              new Claimed(Moment.recall(end.wallMs(), now, EngineSettings.LONGEST_LEASE), purpose);
          case Processing(Moment deadline) ->
              new Processing(Moment.recall(deadline.wallMs(), now, settings.patience(activation)));
          case Delayed _, Pending _, AwaitingRetry _, Failed _, Completed _ -> state;
        };
    return new StoredActivation(key, activation, recalled, attempts, retry, parked);
  }
}
