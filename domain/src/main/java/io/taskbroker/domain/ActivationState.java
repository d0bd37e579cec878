package io.taskbroker.domain;

/**
 * Where an activation stands. Each state carries what has a meaning in it, nothing else.
 *
 * <p>{@link Lifecycle} says which may follow which.
 */
public sealed interface ActivationState {
  /** Not yet due. Entered at intake; left when the delay is over. */
  record Delayed(long untilMs) implements ActivationState {}

  /** Due, and nobody has it. */
  record Pending() implements ActivationState {
    /** All of them are equal; one is enough. */
    public static final Pending STATE = new Pending();
  }

  /** Taken for {@code purpose}, not yet acknowledged by whoever shall have it. */
  record Claimed(Moment leaseEnd, ClaimPurpose purpose) implements ActivationState {}

  /** With a worker, who must report before the deadline. */
  record Processing(Moment deadline) implements ActivationState {}

  /** To be published to the retry topic. Final for a worker's reports. */
  record AwaitingRetry() implements ActivationState {
    /** All of them are equal; one is enough. */
    public static final AwaitingRetry STATE = new AwaitingRetry();
  }

  /** Failed for good: to be dead-lettered or discarded. Final for a worker's reports. */
  record Failed() implements ActivationState {
    /** All of them are equal; one is enough. */
    public static final Failed STATE = new Failed();
  }

  /** Over. Kept without payload until Kafka cannot send its record again. */
  record Completed() implements ActivationState {
    /** All of them are equal; one is enough. */
    public static final Completed STATE = new Completed();
  }

  /** The state's name. */
  default Status status() {
    return switch (this) {
      case Delayed _ -> Status.DELAY;
      case Pending _ -> Status.PENDING;
      case Claimed _ -> Status.CLAIMED;
      case Processing _ -> Status.PROCESSING;
      case AwaitingRetry _ -> Status.RETRY;
      case Failed _ -> Status.FAILURE;
      case Completed _ -> Status.COMPLETE;
    };
  }
}
