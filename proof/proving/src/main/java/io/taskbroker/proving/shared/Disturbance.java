package io.taskbroker.proving.shared;

import java.util.Locale;

/**
 * What was done to a broker.
 *
 * @param broker its address
 * @param fromNanos by {@link System#nanoTime}
 * @param untilNanos when it went on, or was launched again
 */
record Disturbance(Manner manner, String broker, long fromNanos, long untilNanos) {
  enum Manner {
    /** Asked to stop, by SIGINT. */
    STOPPED,
    /** By SIGKILL. */
    KILLED,
    /** By SIGSTOP, and SIGCONT. */
    FROZEN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether some of it was between these moments. */
  boolean falls(long from, long until) {
    return fromNanos - until <= 0 && from - untilNanos <= 0;
  }
}
