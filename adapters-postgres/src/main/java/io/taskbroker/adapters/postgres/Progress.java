package io.taskbroker.adapters.postgres;

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
import io.taskbroker.domain.Status;
import io.taskbroker.inflight.StoredNumbers;
import org.jspecify.annotations.Nullable;

/**
 * A state as the database has it.
 *
 * @param dueAt end of the delay, lease or deadline, Unix milliseconds; the latter two by the
 *     server's clock
 * @param claimPurpose of a claimed one
 */
record Progress(int status, @Nullable Long dueAt, @Nullable Integer claimPurpose) {
  private static final int DELAY = 0;
  private static final int PENDING = 1;
  private static final int CLAIMED = 2;
  private static final int PROCESSING = 3;
  private static final int RETRY = 4;
  private static final int FAILURE = 5;
  static final int COMPLETE = 6;

  static Progress of(ActivationState state, ServerClock clock) {
    return switch (state) {
      case Delayed(long untilMs) -> new Progress(DELAY, untilMs, null);
      case Pending _ -> new Progress(PENDING, null, null);
      case Claimed(Moment end, ClaimPurpose purpose) ->
          new Progress(CLAIMED, clock.toServer(end.wallMs()), StoredNumbers.numberOf(purpose));
      case Processing(Moment deadline) ->
          new Progress(PROCESSING, clock.toServer(deadline.wallMs()), null);
      case AwaitingRetry _ -> new Progress(RETRY, null, null);
      case Failed _ -> new Progress(FAILURE, null, null);
      case Completed _ -> new Progress(COMPLETE, null, null);
    };
  }

  /**
   * The state that was stored. Of a moment only the wall time is known.
   *
   * @throws IllegalArgumentException if it is none that this version writes
   */
  ActivationState state(ServerClock clock) {
    long due = dueAt == null ? 0 : dueAt;
    return switch (status) {
      case DELAY -> new Delayed(due);
      case PENDING -> Pending.STATE;
      case CLAIMED ->
          new Claimed(
              new Moment(clock.fromServer(due), 0),
              StoredNumbers.purpose(claimPurpose == null ? 0 : claimPurpose));
      case PROCESSING -> new Processing(new Moment(clock.fromServer(due), 0));
      case RETRY -> AwaitingRetry.STATE;
      case FAILURE -> Failed.STATE;
      case COMPLETE -> Completed.STATE;
      default -> throw new IllegalArgumentException("status " + status + " is not known");
    };
  }

  /** The number by which the table knows this status. */
  static int numberOf(Status status) {
    return switch (status) {
      case DELAY -> DELAY;
      case PENDING -> PENDING;
      case CLAIMED -> CLAIMED;
      case PROCESSING -> PROCESSING;
      case RETRY -> RETRY;
      case FAILURE -> FAILURE;
      case COMPLETE -> COMPLETE;
    };
  }
}
