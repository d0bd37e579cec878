package io.taskbroker.domain.operator;

import org.jspecify.annotations.Nullable;

/**
 * Tasks that are not handed out for the time being. They still come in, expire and count.
 *
 * @param by who has paused them
 * @param reason why, in that person's words; may be empty
 * @param sinceMs Unix milliseconds
 * @param untilMs when it ends by itself, Unix milliseconds; null if it does not
 */
public record Pause(
    PauseTarget target, String by, String reason, long sinceMs, @Nullable Long untilMs) {
  /** Of each text; they are kept in memory. */
  public static final int MOST_CHARACTERS = 500;

  public Pause {
    if (by.length() > MOST_CHARACTERS || reason.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "who pauses and why must have at most %d characters each, were %d and %d"
              .formatted(MOST_CHARACTERS, by.length(), reason.length()));
    }
  }

  /** Whether it has ended by itself. */
  public boolean isOver(long nowMs) {
    return untilMs != null && untilMs <= nowMs;
  }
}
