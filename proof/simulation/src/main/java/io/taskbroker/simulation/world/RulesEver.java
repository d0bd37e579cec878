package io.taskbroker.simulation.world;

import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** All that any rule has ever named. */
final class RulesEver {
  /** As when no rule is in force. */
  static final Rules NONE =
      new Rules(new KillSwitch(Set.of(), List.of()), new Demotion(Set.of(), null, null));

  private final Set<String> killed = new TreeSet<>();

  void add(Rules rules) {
    killed.addAll(rules.killSwitch().tasknames());
  }

  boolean kills(String taskname) {
    return killed.contains(taskname);
  }
}
