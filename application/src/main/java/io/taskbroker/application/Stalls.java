package io.taskbroker.application;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Explains every standstill: one log line when something stops, with the reason and the remedy, and
 * one when it goes on. A standstill may have several reasons that take turns: each of them is said
 * once, and from then on the latest is said once a minute. Safe for all threads.
 */
public final class Stalls {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::stalls");

  private final TimeSource time;
  private final Map<String, Stall> current = new TreeMap<>();

  /** How often people are told again of what stays stalled. */
  private static final Duration REMIND_EVERY = Duration.ofMinutes(1);

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  /** Reasons of one standstill that get a line of their own. */
  private static final int MOST_REASONS = 10;

  /**
   * @param reason the latest
   * @param remedy what to do about that reason
   * @param told all reasons that were said, without their numbers
   */
  private record Stall(String reason, String remedy, List<String> told, Moment since, Moment said) {
    static Stall begun(String reason, String remedy, Moment now) {
      return new Stall(reason, remedy, List.of(withoutNumbers(reason)), now, now);
    }

    /** Whether a line about this reason would say something new. */
    boolean isNews(String why) {
      return told.size() < MOST_REASONS && !told.contains(withoutNumbers(why));
    }

    Stall because(String why, String whatToDo) {
      return new Stall(why, whatToDo, told, since, said);
    }

    Stall saidBecause(String why, String whatToDo, Moment now) {
      List<String> all = Stream.concat(told.stream(), Stream.of(withoutNumbers(why))).toList();
      return new Stall(why, whatToDo, all, since, now);
    }

    Stall reminded(Moment now) {
      return new Stall(reason, remedy, told, since, now);
    }

    private static String withoutNumbers(String reason) {
      return NUMBER.matcher(reason).replaceAll("0");
    }
  }

  public Stalls(TimeSource time) {
    this.time = time;
  }

  /**
   * Says that {@code what} is stalled. A reason that was said already says nothing, and no more
   * does one that differs from it in numbers only.
   *
   * @param what for example {@code intake of topic "taskworker"}
   * @param reason why, in words for an operator
   * @param remedy what to do about it
   * @return whether that is news
   */
  public synchronized boolean begin(String what, String reason, String remedy) {
    String why = reason.endsWith(".") ? reason.substring(0, reason.length() - 1) : reason;
    Stall known = current.get(what);
    Moment now = time.now();
    if (known == null) {
      current.put(what, Stall.begun(why, remedy, now));
    } else if (known.isNews(why)) {
      current.put(what, known.saidBecause(why, remedy, now));
    } else {
      current.put(what, known.because(why, remedy));
      return false;
    }
    LOG.warn("{} is stalled: {}. {}", what, why, remedy);
    return true;
  }

  /** Says that {@code what} goes on, if it stood still. */
  public synchronized void end(String what) {
    Stall stall = current.remove(what);
    if (stall != null) {
      long ms = time.now().monotonicMs() - stall.since().monotonicMs();
      LOG.info(
          "{} goes on after {} ({})", what, Elapsed.text(Duration.ofMillis(ms)), stall.reason());
    }
  }

  /**
   * Says that {@code what} is done with, if it stood still: whatever held it up, it will not go on.
   *
   * @param why for example {@code its partitions have been given up}
   */
  public synchronized void abandon(String what, String why) {
    Stall stall = current.remove(what);
    if (stall != null) {
      long ms = time.now().monotonicMs() - stall.since().monotonicMs();
      LOG.info(
          "{} ends after {} ({}): {}",
          what,
          Elapsed.text(Duration.ofMillis(ms)),
          stall.reason(),
          why);
    }
  }

  /** Says once a minute what is still stalled; to be called more often. */
  public synchronized void remind() {
    Moment now = time.now();
    current.replaceAll(
        (what, stall) -> {
          if (!stall.said().plus(REMIND_EVERY).isBefore(now)) {
            return stall;
          }
          long ms = now.monotonicMs() - stall.since().monotonicMs();
          LOG.warn(
              "{} is still stalled, for {}: {}",
              what,
              Elapsed.text(Duration.ofMillis(ms)),
              stall.reason());
          return stall.reminded(now);
        });
  }

  /**
   * Something that is stalled.
   *
   * @param reason the latest of its reasons
   * @param sinceMs Unix milliseconds
   */
  public record Standstill(String what, String reason, String remedy, long sinceMs) {}

  /** What is stalled now, in the order of its names. */
  public synchronized List<Standstill> standing() {
    List<Standstill> all = new ArrayList<>();
    current.forEach(
        (what, stall) ->
            all.add(new Standstill(what, stall.reason(), stall.remedy(), stall.since().wallMs())));
    return all;
  }

  /** What is stalled now, and why. */
  public synchronized Map<String, String> current() {
    Map<String, String> reasons = new TreeMap<>();
    current.forEach((what, stall) -> reasons.put(what, stall.reason()));
    return reasons;
  }
}
