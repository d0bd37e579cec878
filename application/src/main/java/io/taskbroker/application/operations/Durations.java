package io.taskbroker.application.operations;

import java.util.Arrays;

/**
 * Durations, counted in steps that grow with them: each millisecond by itself up to 15, and from
 * there on eight steps for each doubling. Takes some hundred bytes. Used by one thread.
 */
final class Durations {
  private static final int EXACT = 16;
  private static final int STEPS = 8;

  /** The doublings below {@link #EXACT}, and those within a step of it. */
  private static final int FIRST_DOUBLING = 4;

  private static final int STEP_BITS = 3;

  /** Some 24 days; longer ones count as this. */
  private static final long LONGEST_MS = Integer.MAX_VALUE;

  private int[] counts = {};
  private long times;

  void add(long ms) {
    int step = stepOf(Math.clamp(ms, 0, LONGEST_MS));
    reach(step + 1);
    counts[step]++;
    times++;
  }

  void add(Durations others) {
    reach(others.counts.length);
    for (int step = 0; step < others.counts.length; step++) {
      counts[step] += others.counts[step];
    }
    times += others.times;
  }

  private void reach(int steps) {
    if (counts.length < steps) {
      counts = Arrays.copyOf(counts, steps);
    }
  }

  Spread spread() {
    return new Spread(times, within(times - times / 2), within(times - times / 100));
  }

  /** The duration that so many do not exceed. */
  private long within(long many) {
    long left = many;
    for (int step = 0; step < counts.length; step++) {
      left -= counts[step];
      if (left <= 0 && counts[step] > 0) {
        return middleOf(step);
      }
    }
    return 0;
  }

  private static int stepOf(long ms) {
    if (ms < EXACT) {
      return (int) ms;
    }
    int doubling = Long.SIZE - 1 - Long.numberOfLeadingZeros(ms);
    int within = (int) (ms >> (doubling - STEP_BITS)) & (STEPS - 1);
    return EXACT + (doubling - FIRST_DOUBLING) * STEPS + within;
  }

  private static long middleOf(int step) {
    if (step < EXACT) {
      return step;
    }
    int doubling = (step - EXACT) / STEPS + FIRST_DOUBLING;
    int within = (step - EXACT) % STEPS;
    long width = 1L << (doubling - STEP_BITS);
    return (STEPS + within) * width + width / 2;
  }
}
