package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When some pending rows were due: a count for each second, so that the age of the oldest row is
 * known without one more order of rows. What comes and goes in the order of its time, as almost all
 * does, looks nothing up.
 */
final class DueTimes {
  /** Heap of a second that has rows: the count, its boxed number, its entry in the tree. */
  static final int SECOND_BYTES = 88;

  private static final long MS = 1_000;

  private final TreeMap<Long, Second> seconds = new TreeMap<>();
  private @Nullable Second addedTo;
  private @Nullable Second removedFrom;

  private static final class Second {
    final long number;
    int rows;

    Second(long number) {
      this.number = number;
    }
  }

  /** How many seconds have rows. */
  int size() {
    return seconds.size();
  }

  void add(Row row) {
    long number = secondOf(row);
    Second second = addedTo;
    if (second == null || second.number != number) {
      second = seconds.get(number);
      if (second == null) {
        second = new Second(number);
        seconds.put(number, second);
      }
      addedTo = second;
    }
    second.rows++;
  }

  /** Takes out a row that was added. */
  void remove(Row row) {
    long number = secondOf(row);
    Second second = removedFrom;
    if (second == null || second.number != number) {
      second = seconds.get(number);
      if (second == null) {
        return;
      }
      removedFrom = second;
    }
    second.rows--;
    if (second.rows == 0) {
      seconds.remove(number);
      addedTo = addedTo == second ? null : addedTo;
      removedFrom = null;
    }
  }

  /** For how long the oldest row has been due, counted from the full second; empty if none is. */
  Optional<Duration> oldest(Moment now) {
    if (seconds.isEmpty()) {
      return Optional.empty();
    }
    long sinceMs = seconds.firstKey() * MS;
    return Optional.of(Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), sinceMs))));
  }

  private static long secondOf(Row row) {
    return Math.floorDiv(row.dueAtMs, MS);
  }
}
