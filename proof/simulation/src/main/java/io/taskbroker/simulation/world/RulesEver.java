package io.taskbroker.simulation.world;

import io.taskbroker.domain.rules.Rules;
import java.util.Set;
import java.util.TreeSet;

/** All that any rule has ever named. */
final class RulesEver {
  private final Set<String> killed = new TreeSet<>();

  void add(Rules rules) {
    killed.addAll(rules.killSwitch().tasknames());
  }

  boolean kills(String taskname) {
    return killed.contains(taskname);
  }
}
