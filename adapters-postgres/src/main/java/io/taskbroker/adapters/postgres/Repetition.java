package io.taskbroker.adapters.postgres;

import java.time.Duration;

/**
 * How a group is repeated that the server has broken off, to end a deadlock for example.
 *
 * @param most how often, 0 and up
 * @param delay the rest before it; up to half more or less by chance
 */
public record Repetition(long most, Duration delay) {
  public static final Repetition DEFAULT = new Repetition(3, Duration.ofMillis(100));

  public Repetition {
    if (most < 0) {
      throw new IllegalArgumentException("most must not be negative, was " + most);
    }
    if (delay.isNegative()) {
      throw new IllegalArgumentException("delay must not be negative, was " + delay);
    }
  }
}
