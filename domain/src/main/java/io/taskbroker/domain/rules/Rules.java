package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** All rules that are in force at one moment. */
public record Rules(KillSwitch killSwitch, Demotion demotion) {
  public static final Rules NONE = new Rules(KillSwitch.OFF, Demotion.NONE);

  /** How many there are: of names that are dropped, of selectors, and of namespaces. */
  public int size() {
    return killSwitch.tasknames().size()
        + killSwitch.selectors().size()
        + demotion.namespaces().size();
  }

  /** Each of them by itself. */
  public List<Rules> each() {
    List<Rules> each = new ArrayList<>();
    for (String task : killSwitch.tasknames()) {
      each.add(new Rules(new KillSwitch(Set.of(task), List.of()), Demotion.NONE));
    }
    for (Selector selector : killSwitch.selectors()) {
      each.add(new Rules(new KillSwitch(Set.of(), List.of(selector)), Demotion.NONE));
    }
    for (String namespace : demotion.namespaces()) {
      each.add(
          new Rules(
              KillSwitch.OFF,
              new Demotion(Set.of(namespace), demotion.topic(), demotion.cluster())));
    }
    return each;
  }

  /** These and more. What is demoted goes where these rules say, whoever demotes it. */
  public Rules and(Rules more) {
    List<Selector> selectors = new ArrayList<>(killSwitch.selectors());
    more.killSwitch().selectors().stream()
        .filter(selector -> !selectors.contains(selector))
        .forEach(selectors::add);
    return new Rules(
        new KillSwitch(both(killSwitch.tasknames(), more.killSwitch().tasknames()), selectors),
        new Demotion(
            both(demotion.namespaces(), more.demotion().namespaces()),
            demotion.topic(),
            demotion.cluster()));
  }

  private static Set<String> both(Set<String> some, Set<String> others) {
    Set<String> all = new LinkedHashSet<>(some);
    all.addAll(others);
    return Ordered.copyOf(all);
  }
}
