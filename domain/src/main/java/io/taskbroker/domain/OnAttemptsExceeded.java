package io.taskbroker.domain;

/** What becomes of an activation that has failed for good. The ordinals are the wire's numbers. */
public enum OnAttemptsExceeded {
  /** Nothing was said: discarded. */
  UNSPECIFIED,
  DISCARD,
  /** Published to the dead-letter topic. */
  DEAD_LETTER;

  /** The wire's number; unknown ones count as {@link #UNSPECIFIED}. */
  public static OnAttemptsExceeded ofNumber(int number) {
    return switch (number) {
      case 1 -> DISCARD;
      case 2 -> DEAD_LETTER;
      default -> UNSPECIFIED;
    };
  }
}
