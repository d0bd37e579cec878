package io.taskbroker.domain.operator;

/**
 * An order to a broker to take nothing in, and to serve what it holds to the end.
 *
 * @param by who has ordered it
 * @param reason why, in that person's words; may be empty
 * @param sinceMs Unix milliseconds
 */
public record Drain(String by, String reason, long sinceMs, OnEmpty onEmpty) {
  /** What the broker does once it holds nothing. */
  public enum OnEmpty {
    /** It runs on, empty, until the order is ended. */
    STAY,
    /** Its process ends, and with it the order: the next process takes tasks in again. */
    EXIT
  }

  public Drain {
    if (by.length() > Pause.MOST_CHARACTERS || reason.length() > Pause.MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "who drains and why must have at most %d characters each, were %d and %d"
              .formatted(Pause.MOST_CHARACTERS, by.length(), reason.length()));
    }
  }
}
