package io.taskbroker.inflight;

import io.taskbroker.domain.ClaimPurpose;
import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.OnAttemptsExceeded;

/** By which number journals know a value. A number is never used for another value. */
public final class StoredNumbers {
  private static final int FOR_PUSH = 0;
  private static final int FOR_DEMOTION = 1;

  private StoredNumbers() {}

  public static int numberOf(ClaimPurpose purpose) {
    return switch (purpose) {
      case PUSH -> FOR_PUSH;
      case DEMOTION -> FOR_DEMOTION;
    };
  }

  public static ClaimPurpose purpose(int number) {
    return switch (number) {
      case FOR_PUSH -> ClaimPurpose.PUSH;
      case FOR_DEMOTION -> ClaimPurpose.DEMOTION;
      default -> throw new IllegalArgumentException("claim purpose " + number + " is not known");
    };
  }

  public static int numberOf(FailureCause cause) {
    return switch (cause) {
      case REPORTED -> 0;
      case ATTEMPTS_USED_UP -> 1;
      case DEADLINE_MISSED -> 2;
      case PUSH_UNANSWERED -> 3;
      case OVERTAKEN -> 4;
      case RETRY_UNCERTAIN -> 5;
      case DEMOTION_UNCERTAIN -> 6;
      case UNDELIVERABLE -> 7;
    };
  }

  public static FailureCause cause(int number) {
    for (FailureCause cause : FailureCause.values()) {
      if (numberOf(cause) == number) {
        return cause;
      }
    }
    throw new IllegalArgumentException("failure cause " + number + " is not known");
  }

  public static int numberOf(OnAttemptsExceeded action) {
    return switch (action) {
      case UNSPECIFIED -> 0;
      case DISCARD -> 1;
      case DEAD_LETTER -> 2;
    };
  }

  public static int numberOf(Conclusion conclusion) {
    return switch (conclusion) {
      case COMPLETE -> 0;
      case FAILURE -> 1;
      case RETRY -> 2;
    };
  }

  public static Conclusion conclusion(int number) {
    return switch (number) {
      case 0 -> Conclusion.COMPLETE;
      case 1 -> Conclusion.FAILURE;
      case 2 -> Conclusion.RETRY;
      default -> throw new IllegalArgumentException("conclusion " + number + " is not known");
    };
  }
}
