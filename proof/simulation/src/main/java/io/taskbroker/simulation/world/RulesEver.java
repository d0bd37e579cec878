package io.taskbroker.simulation.world;

import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** All that any rule has ever named. */
final class RulesEver {
  /** As when no rule is in force. */
  static final Rules NONE =
      new Rules(new KillSwitch(Set.of(), List.of()), new Demotion(Set.of(), null, null));

  private final Set<String> killed = new TreeSet<>();
  private final Set<String> killedByArgument = new TreeSet<>();

  void add(Rules rules) {
    killed.addAll(rules.killSwitch().tasknames());
    rules.killSwitch().selectors().stream().map(Selector::taskname).forEach(killedByArgument::add);
  }

  boolean kills(TaskSpec spec) {
    return killed.contains(spec.taskname())
        || (killedByArgument.contains(spec.taskname()) && spec.argument().equals(TaskSpec.ODD));
  }
}
