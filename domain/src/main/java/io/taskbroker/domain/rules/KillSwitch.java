package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Which activations are dropped.
 *
 * @param tasknames dropped whatever their arguments
 */
public record KillSwitch(Set<String> tasknames, List<Selector> selectors) {
  /** An encoder may write an entry of a map more than once; the last one counts. */
  private static final int LEAST_VALUES = 1_000;

  public static final KillSwitch OFF = new KillSwitch(Set.of(), List.of());

  public KillSwitch {
    tasknames = Ordered.copyOf(tasknames);
    selectors = List.copyOf(selectors);
  }

  /** By what kind of rule an activation is dropped. */
  public enum Match {
    NONE,
    WHOLE_TASK,
    SELECTOR
  }

  public boolean isOff() {
    return tasknames.isEmpty() && selectors.isEmpty();
  }

  /** Whether some selector names this task, so that its arguments matter. */
  public boolean selects(String taskname) {
    for (Selector selector : selectors) {
      if (selector.taskname().equals(taskname)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Judges one activation.
   *
   * @param arguments asked only if a selector names the task, for what it wants; empty if they
   *     cannot be read, and then no selector matches
   */
  public Match judge(String taskname, Function<Wanted, Optional<Arguments>> arguments) {
    if (tasknames.contains(taskname)) {
      return Match.WHOLE_TASK;
    }
    if (!selects(taskname)) {
      return Match.NONE;
    }
    List<Selector> naming =
        selectors.stream().filter(selector -> selector.taskname().equals(taskname)).toList();
    return arguments
        .apply(wantedBy(naming))
        .filter(given -> naming.stream().anyMatch(selector -> selector.matches(given)))
        .map(_ -> Match.SELECTOR)
        .orElse(Match.NONE);
  }

  private static Wanted wantedBy(List<Selector> selectors) {
    Set<Integer> positions = new LinkedHashSet<>();
    Set<String> names = new LinkedHashSet<>();
    int largest = 0;
    int longest = 0;
    for (Selector selector : selectors) {
      positions.addAll(selector.positional().keySet());
      names.addAll(selector.named().keySet());
      List<Value> values = new ArrayList<>(selector.positional().values());
      values.addAll(selector.named().values());
      for (Value value : values) {
        largest = Math.max(largest, value.size());
        longest = Math.max(longest, value.longestText());
      }
    }
    return new Wanted(positions, names, Math.max(LEAST_VALUES, 2 * largest), longest);
  }
}
