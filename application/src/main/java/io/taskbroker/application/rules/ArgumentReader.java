package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.Arguments;
import io.taskbroker.domain.rules.Wanted;
import java.util.Optional;

/** Reads a task's arguments for selectors. Safe for all threads. */
@FunctionalInterface
public interface ArgumentReader {
  /**
   * The wanted arguments in a payload. All of the arguments are looked at, and have to be sound,
   * but only the wanted ones are built; those that are larger than is wanted are missing.
   *
   * @return empty if there are none, or they cannot be read or compared; never throws for what a
   *     payload holds
   */
  Optional<Arguments> read(byte[] payload, Wanted wanted);
}
