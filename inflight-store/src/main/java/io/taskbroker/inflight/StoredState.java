package io.taskbroker.inflight;

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
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A state as journals with columns have it.
 *
 * @param status as {@link #numberOf} has it
 * @param dueAt end of the delay, lease or deadline, Unix milliseconds; null where there is none
 * @param claimPurpose of a claimed row, as {@link StoredNumbers} has it; else null
 */
public record StoredState(int status, @Nullable Long dueAt, @Nullable Integer claimPurpose) {
  private static final int DELAY = 0;
  private static final int PENDING = 1;
  private static final int CLAIMED = 2;
  private static final int PROCESSING = 3;
  private static final int RETRY = 4;
  private static final int FAILURE = 5;
  private static final int COMPLETE = 6;

  /**
   * @param toStored makes an end of a lease or deadline, wall time here, what is stored of it
   */
  public static StoredState of(ActivationState state, LongUnaryOperator toStored) {
    return switch (state) {
      case Delayed(long untilMs) -> new StoredState(DELAY, untilMs, null);
      case Pending _ -> new StoredState(PENDING, null, null);
      case Claimed(Moment end, ClaimPurpose purpose) ->
          new StoredState(
              CLAIMED, toStored.applyAsLong(end.wallMs()), StoredNumbers.numberOf(purpose));
      case Processing(Moment deadline) ->
          new StoredState(PROCESSING, toStored.applyAsLong(deadline.wallMs()), null);
      case AwaitingRetry _ -> new StoredState(RETRY, null, null);
      case Failed _ -> new StoredState(FAILURE, null, null);
      case Completed _ -> new StoredState(COMPLETE, null, null);
    };
  }

  /**
   * The state that was stored. Of a moment only the wall time is known.
   *
   * @param fromStored the reverse of what {@link #of} was given
   * @throws IllegalArgumentException if it is none that this version writes
   */
  public ActivationState state(LongUnaryOperator fromStored) {
    long due = dueAt == null ? 0 : dueAt;
    return switch (status) {
      case DELAY -> new Delayed(due);
      case PENDING -> Pending.STATE;
      case CLAIMED ->
          new Claimed(
              new Moment(fromStored.applyAsLong(due), 0),
              StoredNumbers.purpose(claimPurpose == null ? 0 : claimPurpose));
      case PROCESSING -> new Processing(new Moment(fromStored.applyAsLong(due), 0));
      case RETRY -> AwaitingRetry.STATE;
      case FAILURE -> Failed.STATE;
      case COMPLETE -> Completed.STATE;
      default -> throw new IllegalArgumentException("status " + status + " is not known");
    };
  }

  /** The number by which tables know this status. It is never used for another one. */
  public static int numberOf(Status status) {
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
