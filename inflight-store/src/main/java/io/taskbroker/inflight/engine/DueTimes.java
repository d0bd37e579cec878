package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Times;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * When some rows were due: a count for each stretch of time, so that the age of the oldest row is
 * known without one more order of rows. What comes and goes in the order of its time, as almost all
 * does, looks nothing up.
 */
final class DueTimes {
  /** Heap of a stretch that has rows: the count, its boxed number, its entry in the tree. */
  static final int STRETCH_BYTES = 88;

  private final long stretchMs;
  private final TreeMap<Long, Stretch> stretches = new TreeMap<>();
  private @Nullable Stretch addedTo;
  private @Nullable Stretch removedFrom;

  private static final class Stretch {
    final long number;
    int rows;

    Stretch(long number) {
      this.number = number;
    }
  }

  private DueTimes(long stretchMs) {
    this.stretchMs = stretchMs;
  }

  /** Counts by the second: enough for people, and few counts. */
  static DueTimes bySecond() {
    return new DueTimes(1_000);
  }

  /** Counts by the millisecond. */
  static DueTimes exact() {
    return new DueTimes(1);
  }

  /** How many stretches have rows. */
  int size() {
    return stretches.size();
  }

  /** Estimated heap. */
  long memoryBytes() {
    return (long) stretches.size() * STRETCH_BYTES;
  }

  void add(Row row) {
    long number = stretchOf(row);
    Stretch stretch = addedTo;
    if (stretch == null || stretch.number != number) {
      stretch = stretches.get(number);
      if (stretch == null) {
        stretch = new Stretch(number);
        stretches.put(number, stretch);
      }
      addedTo = stretch;
    }
    stretch.rows++;
  }

  /** Takes out a row that was added. */
  void remove(Row row) {
    long number = stretchOf(row);
    Stretch stretch = removedFrom;
    if (stretch == null || stretch.number != number) {
      stretch = stretches.get(number);
      if (stretch == null) {
        return;
      }
      removedFrom = stretch;
    }
    stretch.rows--;
    if (stretch.rows == 0) {
      stretches.remove(number);
      addedTo = addedTo == stretch ? null : addedTo;
      removedFrom = null;
    }
  }

  /** For how long the oldest row has been due; empty if none is. */
  Optional<Duration> oldest(Moment now) {
    OptionalLong sinceMs = oldestMs();
    return sinceMs.isEmpty()
        ? Optional.empty()
        : Optional.of(
            Duration.ofMillis(Math.max(0, Times.minus(now.wallMs(), sinceMs.getAsLong()))));
  }

  /** The beginning of the first stretch that has rows, Unix milliseconds; empty if none has. */
  OptionalLong oldestMs() {
    return stretches.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(stretches.firstKey() * stretchMs);
  }

  private long stretchOf(Row row) {
    return Math.floorDiv(row.dueAtMs, stretchMs);
  }
}
