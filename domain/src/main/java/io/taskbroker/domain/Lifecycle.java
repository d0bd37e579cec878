package io.taskbroker.domain;

import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Transition.Ignored;
import io.taskbroker.domain.Transition.Moved;
import org.jspecify.annotations.Nullable;

/**
 * The only place that says which state may follow which.
 *
 * <p>One method per thing that can happen; each names every state, so a new state does not compile
 * until each method has said what it means there. Comparisons with a point in time are strict: a
 * deadline is missed once its millisecond has passed.
 */
public final class Lifecycle {
  private Lifecycle() {}

  /** It arrives. */
  public static ActivationState arrive(@Nullable Long delayUntilMs, long nowMs) {
    return delayUntilMs != null && nowMs <= delayUntilMs
        ? new Delayed(delayUntilMs)
        : Pending.STATE;
  }

  /** It arrives, and its namespace is demoted: it leaves again without having been pending. */
  public static ActivationState demote(Moment leaseEnd) {
    return new Claimed(leaseEnd, ClaimPurpose.DEMOTION);
  }

  /** Its delay may be over. */
  public static Transition delayElapsed(ActivationState from, long nowMs) {
    return switch (from) {
      case Delayed(long untilMs) when untilMs < nowMs -> new Moved(Pending.STATE);
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** A worker asks for work and is given this. */
  public static Transition pull(ActivationState from, Moment deadline) {
    return switch (from) {
      case Pending _ -> new Moved(new Processing(deadline));
      case Delayed _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** The broker takes it in order to bring it somewhere. */
  public static Transition claim(ActivationState from, Moment leaseEnd, ClaimPurpose purpose) {
    return switch (from) {
      case Pending _ -> new Moved(new Claimed(leaseEnd, purpose));
      case Delayed _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** The worker it was pushed to has accepted it. */
  public static Transition accepted(ActivationState from, Moment deadline) {
    return switch (from) {
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.PUSH ->
          new Moved(new Processing(deadline));
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** It took long until its worker could be given it, so the worker's time begins only now. */
  public static Transition handedLate(ActivationState from, Moment deadline) {
    return switch (from) {
      case Processing _ -> new Moved(new Processing(deadline));
      case Delayed _, Pending _, Claimed _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** Its worker is at work on it, and is given more time. */
  public static Transition extend(ActivationState from, Moment deadline) {
    return switch (from) {
      case Processing _ -> new Moved(new Processing(deadline));
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.PUSH ->
          new Moved(new Processing(deadline));
      case Delayed _, Pending _, Claimed _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /**
   * Nobody has begun what was claimed, because it is certain that nobody received it, or because
   * its worker says so: it is as if it had not been handed out.
   */
  public static Transition release(ActivationState from) {
    return switch (from) {
      case Claimed _, Processing _ -> new Moved(Pending.STATE);
      case Delayed _, Pending _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /**
   * A claim may have lasted too long.
   *
   * <p>Nobody knows whether the worker has an activation whose push never ended, so one that must
   * not run twice has failed. What was claimed for demotion no worker has seen.
   */
  public static Transition leaseOver(ActivationState from, Moment now, Delivery delivery) {
    return switch (from) {
      case Claimed(Moment end, ClaimPurpose purpose) when end.isBefore(now) ->
          new Moved(
              switch (purpose) {
                case DEMOTION -> Pending.STATE;
                case PUSH -> afterSilence(delivery);
              });
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** The worker may have missed the deadline. */
  public static Transition deadlineMissed(ActivationState from, Moment now, Delivery delivery) {
    return switch (from) {
      case Processing(Moment deadline) when deadline.isBefore(now) ->
          new Moved(afterSilence(delivery));
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  private static ActivationState afterSilence(Delivery delivery) {
    return switch (delivery) {
      case AT_LEAST_ONCE -> Pending.STATE;
      case AT_MOST_ONCE -> Failed.STATE;
    };
  }

  /**
   * A worker reports, however late.
   *
   * <p>The first report counts: once it awaits its retry, has failed or is over, a repeat changes
   * nothing.
   */
  public static Transition conclude(ActivationState from, Conclusion conclusion) {
    return switch (from) {
      case Delayed _, Pending _, Claimed _, Processing _ ->
          new Moved(
              switch (conclusion) {
                case COMPLETE -> Completed.STATE;
                case FAILURE -> Failed.STATE;
                case RETRY -> AwaitingRetry.STATE;
              });
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** It may have been handed out in vain too often. */
  public static Transition attemptsExceeded(ActivationState from, int attempts, int maxAttempts) {
    return switch (from) {
      case Pending _ when attempts >= maxAttempts -> new Moved(Failed.STATE);
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** It may be too late to begin. A delayed activation is judged once its delay is over. */
  public static Transition expired(ActivationState from, @Nullable Long expiresAtMs, long nowMs) {
    return switch (from) {
      case Pending _ when expiresAtMs != null && expiresAtMs < nowMs -> new Moved(Completed.STATE);
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** It has failed, and its producer may not care for the remains. */
  public static Transition discard(ActivationState from, OnAttemptsExceeded policy) {
    return switch (from) {
      case Failed _ ->
          switch (policy) {
            case UNSPECIFIED, DISCARD -> new Moved(Completed.STATE);
            case DEAD_LETTER -> Ignored.TRANSITION;
          };
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** Kafka has acknowledged its retry, its dead letter or its demoted copy. */
  public static Transition published(ActivationState from) {
    return switch (from) {
      case AwaitingRetry _, Failed _ -> new Moved(Completed.STATE);
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.DEMOTION ->
          new Moved(Completed.STATE);
      case Delayed _, Pending _, Claimed _, Processing _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /**
   * Nobody knows whether Kafka has its retry or its demoted copy, and it must not run twice: it can
   * neither leave again nor come back.
   */
  public static Transition departureUncertain(ActivationState from) {
    return switch (from) {
      case AwaitingRetry _ -> new Moved(Failed.STATE);
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.DEMOTION ->
          new Moved(Failed.STATE);
      case Delayed _, Pending _, Claimed _, Processing _, Failed _, Completed _ ->
          Ignored.TRANSITION;
    };
  }

  /** No worker can ever take it. What remains of it leaves as a bad record. */
  public static Transition undeliverable(ActivationState from) {
    return switch (from) {
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.PUSH ->
          new Moved(Completed.STATE);
      case Processing _ -> new Moved(Completed.STATE);
      case Delayed _, Pending _, Claimed _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** An operator's rule removes it, whatever its state. */
  public static Transition drop(ActivationState from) {
    return switch (from) {
      case Delayed _, Pending _, Claimed _, Processing _, AwaitingRetry _, Failed _ ->
          new Moved(Completed.STATE);
      case Completed _ -> Ignored.TRANSITION;
    };
  }

  /**
   * An operator ends it, as complete or as cancelled. A worker that has one which must not run
   * twice may be at work on it, and nobody could tell what became of that.
   *
   * @param delivery at least once also for a push that never began
   */
  public static Transition end(ActivationState from, Delivery delivery) {
    return switch (from) {
      case Delayed _, Pending _, AwaitingRetry _, Failed _ -> new Moved(Completed.STATE);
      case Claimed(_, ClaimPurpose purpose) ->
          switch (purpose) {
            case DEMOTION -> new Moved(Completed.STATE);
            case PUSH -> ifRepeatable(delivery, Completed.STATE);
          };
      case Processing _ -> ifRepeatable(delivery, Completed.STATE);
      case Completed _ -> Ignored.TRANSITION;
    };
  }

  /** An operator lets it run before its delay is over. */
  public static Transition runNow(ActivationState from) {
    return switch (from) {
      case Delayed _ -> new Moved(Pending.STATE);
      case Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /**
   * An operator knows that its worker is gone.
   *
   * @param delivery at least once also for a push that never began
   */
  public static Transition giveBack(ActivationState from, Delivery delivery) {
    return switch (from) {
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.PUSH ->
          ifRepeatable(delivery, Pending.STATE);
      case Processing _ -> ifRepeatable(delivery, Pending.STATE);
      case Delayed _, Pending _, Claimed _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }

  /** An operator has it tried again after it has failed, before its dead letter leaves. */
  public static Transition requeue(ActivationState from, Delivery delivery) {
    return switch (from) {
      case Failed _ -> ifRepeatable(delivery, Pending.STATE);
      case Delayed _, Pending _, Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Completed _ -> Ignored.TRANSITION;
    };
  }

  private static Transition ifRepeatable(Delivery delivery, ActivationState to) {
    return switch (delivery) {
      case AT_LEAST_ONCE -> new Moved(to);
      case AT_MOST_ONCE -> Ignored.TRANSITION;
    };
  }

  /**
   * The group has moved past an at-most-once record which this broker had stored but not committed:
   * another broker may have run it.
   */
  public static Transition overtaken(ActivationState from) {
    return switch (from) {
      case Delayed _, Pending _ -> new Moved(Failed.STATE);
      case Claimed(_, ClaimPurpose purpose) when purpose == ClaimPurpose.DEMOTION ->
          new Moved(Failed.STATE);
      case Claimed _, Processing _ -> Ignored.TRANSITION;
      case AwaitingRetry _, Failed _, Completed _ -> Ignored.TRANSITION;
    };
  }
}
