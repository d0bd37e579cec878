package io.taskbroker.application;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Explains every standstill: one log line when something stops, with the reason and the remedy, and
 * one when it goes on. A standstill may have several reasons that take turns: each of them is said
 * once, and from then on the latest is said once a minute.
 *
 * <p>Something that stops again and again (a disk that is full but for a little) would fill the log
 * with both lines. So what stops within a minute after it went on is stalled until it has gone on
 * for ten seconds, and nothing is said meanwhile.
 *
 * <p>Safe for all threads.
 */
public final class Stalls {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::stalls");

  /** What is stalled when nothing can be written. */
  public static final String STORE = "The store";

  /** What is stalled when nothing can be read. */
  public static final String READING = "Reading from the store";

  /** What is stalled when a store that brokers share cannot be reached. */
  public static final String SHARING = "Custody of partitions";

  private final TimeSource time;
  private final Map<String, Stall> current = new TreeMap<>();

  /** When each of those went on that went on lately. */
  private final Map<String, Moment> gone = new TreeMap<>();

  /** How often people are told again of what stays stalled. */
  private static final Duration REMIND_EVERY = Duration.ofMinutes(1);

  /** What stops again within this time has a relapse. */
  private static final Duration RELAPSE = Duration.ofMinutes(1);

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
      Moment wentOn = gone.get(what);
      boolean isRelapse = wentOn != null && now.isBefore(wentOn.plus(RELAPSE));
      current.put(what, Stall.begun(why, remedy, isRelapse, now));
    } else if (known.isNews(why)) {
      current.put(what, known.saidBecause(why, remedy, now));
    } else {
      current.put(what, known.because(why, remedy));
      return false;
    }
    LOG.warn("{} is stalled: {}. {}", what, why, remedy);
    return true;
  }

  /**
   * Says that {@code what} goes on, if it stood still; after a relapse not before that has held for
   * a while.
   */
  public synchronized void end(String what) {
    overBecause(what, null);
  }

  /**
   * As {@link #end(String)}, of what no longer stands still but does not go on either.
   *
   * @param why for example {@code none of its tasks waits any more}
   */
  public synchronized void end(String what, String why) {
    overBecause(what, why);
  }

  private void overBecause(String what, @Nullable String why) {
    Moment now = time.now();
    current.computeIfPresent(what, (_, stall) -> stall.overAt(now, why));
    settle(now);
  }

  /** Says what has gone on for long enough. */
  private void settle(Moment now) {
    gone.values().removeIf(wentOn -> wentOn.plus(RELAPSE).isBefore(now));
    current
        .entrySet()
        .removeIf(
            entry -> {
              boolean hasEnded = entry.getValue().hasEnded(now);
              if (hasEnded) {
                gone.put(entry.getKey(), now);
                sayEnded(entry.getKey(), entry.getValue());
              }
              return hasEnded;
            });
  }

  private static void sayEnded(String what, Stall stall) {
    Moment over = stall.over() == null ? stall.said() : stall.over();
    Duration length = over.since(stall.since());
    if (stall.end() == null) {
      LOG.info("{} goes on after {} ({})", what, Elapsed.text(length), stall.reason());
    } else {
      sayEnded(what, length, stall.reason(), stall.end());
    }
  }

  private static void sayEnded(String what, Duration length, String reason, String why) {
    LOG.info("{} ends after {} ({}): {}", what, Elapsed.text(length), reason, why);
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
      sayEnded(what, Duration.ofMillis(ms), stall.reason(), why);
    }
  }

  /** Says once a minute what is still stalled; to be called each second or so. */
  public synchronized void remind() {
    Moment now = time.now();
    settle(now);
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
    settle(time.now());
    List<Standstill> all = new ArrayList<>();
    current.forEach(
        (what, stall) ->
            all.add(new Standstill(what, stall.reason(), stall.remedy(), stall.since().wallMs())));
    return all;
  }

  /** What is stalled now, and why. */
  public synchronized Map<String, String> current() {
    settle(time.now());
    Map<String, String> reasons = new TreeMap<>();
    current.forEach((what, stall) -> reasons.put(what, stall.reason()));
    return reasons;
  }
}
