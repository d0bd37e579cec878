package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.Arguments;
import java.util.Optional;

/** Reads a task's arguments for selectors. Safe for all threads. */
@FunctionalInterface
public interface ArgumentReader {
  /**
   * The arguments in a payload.
   *
   * @return empty if there are none, or they cannot be read or compared; never throws for what a
   *     payload holds
   */
  Optional<Arguments> read(byte[] payload);
}
