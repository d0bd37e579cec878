package io.taskbroker.proving.chaos;

import java.util.List;

/**
 * Faults of one target, one after the other.
 *
 * @param target what they happen to
 * @param faults are drawn again and again
 * @param dice of this lane alone
 */
record Lane(String target, List<Fault> faults, Dice dice) {
  private static final int SHORTEST_PAUSE_MS = 500;
  private static final int LONGEST_PAUSE_MS = 8_000;

  Lane {
    faults = List.copyOf(faults);
  }

  /**
   * Plays until the time is up, and ends with everything mended.
   *
   * @param endNanos begins no fault from then on, by {@link System#nanoTime}
   */
  void play(long endNanos, Incidents incidents) {
    while (true) {
      dice.pause(SHORTEST_PAUSE_MS, LONGEST_PAUSE_MS);
      if (System.nanoTime() - endNanos >= 0) {
        return;
      }
      Fault fault = dice.oneOf(faults);
      incidents.breaks(target, fault.name());
      fault.course().run(dice);
    }
  }
}
