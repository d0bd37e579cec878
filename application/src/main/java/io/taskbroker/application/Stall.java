package io.taskbroker.application;

import io.taskbroker.domain.Moment;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One standstill.
 *
 * @param reason the latest
 * @param remedy what to do about that reason
 * @param told all reasons that were said, without their numbers
 * @param said when a line about it was written last
 * @param isRelapse whether the same went on shortly before
 * @param over when it ended, if that has not been said yet
 * @param end why it ended without going on; null if it goes on, or is not over
 */
record Stall(
    String reason,
    String remedy,
    List<String> told,
    Moment since,
    Moment said,
    boolean isRelapse,
    @Nullable Moment over,
    @Nullable String end) {
  /** Reasons that get a line of their own. */
  private static final int MOST_REASONS = 10;

  /** How long it has to be over after a relapse before that is said. */
  private static final Duration PROBATION = Duration.ofSeconds(10);

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  static Stall begun(String reason, String remedy, boolean isRelapse, Moment now) {
    return new Stall(
        reason, remedy, List.of(withoutNumbers(reason)), now, now, isRelapse, null, null);
  }

  /** Whether a line about this reason would say something new. */
  boolean isNews(String why) {
    return told.size() < MOST_REASONS && !told.contains(withoutNumbers(why));
  }

  Stall because(String why, String whatToDo) {
    return new Stall(why, whatToDo, told, since, said, isRelapse, null, null);
  }

  Stall saidBecause(String why, String whatToDo, Moment now) {
    List<String> all = Stream.concat(told.stream(), Stream.of(withoutNumbers(why))).toList();
    return new Stall(why, whatToDo, all, since, now, isRelapse, null, null);
  }

  Stall reminded(Moment now) {
    return new Stall(reason, remedy, told, since, now, isRelapse, over, end);
  }

  /**
   * @param why it does not go on; null if it does
   */
  Stall overAt(Moment now, @Nullable String why) {
    return new Stall(reason, remedy, told, since, said, isRelapse, over == null ? now : over, why);
  }

  /** Whether it is over, and has been for long enough to be said. */
  boolean hasEnded(Moment now) {
    return over != null && (!isRelapse || over.plus(PROBATION).isBefore(now));
  }

  private static String withoutNumbers(String reason) {
    return NUMBER.matcher(reason).replaceAll("0");
  }
}
