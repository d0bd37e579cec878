package io.taskbroker.application;

import java.time.Duration;

/** How long something took, for the log. */
public final class Elapsed {
  private static final long SECOND_MS = 1_000;
  private static final long MINUTE_S = 60;
  private static final long HOUR_S = 3_600;

  private Elapsed() {}

  /**
   * With the one or two units that matter: {@code 250 ms}, {@code 25 s}, {@code 5 min 3 s}, {@code
   * 3 h 5 min}. What is left over is cut off.
   */
  public static String text(Duration duration) {
    long ms = duration.toMillis();
    long s = duration.toSeconds();
    if (Math.abs(ms) < SECOND_MS) {
      return ms + " ms";
    }
    if (s < 2 * MINUTE_S) {
      return s + " s";
    }
    return s < 2 * HOUR_S
        ? "%d min %d s".formatted(s / MINUTE_S, s % MINUTE_S)
        : "%d h %d min".formatted(s / HOUR_S, s % HOUR_S / MINUTE_S);
  }
}
