package io.taskbroker.domain.operator;

import io.taskbroker.domain.ActivationState;
import io.taskbroker.domain.ActivationState.AwaitingRetry;
import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Failed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.ClaimPurpose;
import java.util.Locale;

/** How a task ended. */
public enum Ending {
  /** A worker has done it. */
  COMPLETED,
  /** Kafka has its next attempt, which is a task of another id. */
  RETRIED,
  /** It has failed, and Kafka has its dead letter. */
  DEAD_LETTERED,
  /** It has failed, and its producer wants no dead letter. */
  DISCARDED,
  /** A rule has sent it to another topic. */
  FORWARDED,
  /** It was too late to begin. */
  EXPIRED,
  /** A rule has dropped it. */
  DROPPED,
  /** An operator has ended it. */
  CANCELLED,
  /** No worker can take it; what remains of it left as a bad record. */
  UNDELIVERABLE;

  /** How a task ends that leaves this state in the ordinary way. */
  public static Ending of(ActivationState last) {
    return switch (last) {
      case AwaitingRetry _ -> RETRIED;
      case Failed _ -> DEAD_LETTERED;
      case Claimed(_, ClaimPurpose purpose) ->
          switch (purpose) {
            case DEMOTION -> FORWARDED;
            case PUSH -> COMPLETED;
          };
      case Delayed _, Pending _, Processing _, Completed _ -> COMPLETED;
    };
  }

  /** As it is written in answers and metrics. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
