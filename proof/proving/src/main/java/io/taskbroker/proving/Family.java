package io.taskbroker.proving;

import io.taskbroker.proving.stage.Scenario;
import java.util.List;

/**
 * Scenarios that are about the same thing, and lie in one package.
 *
 * @param name of the package, below this one
 * @param matter what they are about
 */
record Family(String name, String matter, List<Scenario> scenarios) {
  Family {
    scenarios = List.copyOf(scenarios);
  }

  static Family of(String name, String matter, Scenario... scenarios) {
    return new Family(name, matter, List.of(scenarios));
  }
}
