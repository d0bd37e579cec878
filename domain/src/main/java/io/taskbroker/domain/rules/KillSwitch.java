package io.taskbroker.domain.rules;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Which activations are dropped.
 *
 * @param tasknames dropped whatever their arguments
 */
public record KillSwitch(Set<String> tasknames, List<Selector> selectors) {
  public static final KillSwitch OFF = new KillSwitch(Set.of(), List.of());

  public KillSwitch {
    tasknames = Set.copyOf(tasknames);
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
    return selectors.stream().anyMatch(selector -> selector.taskname().equals(taskname));
  }

  /**
   * Judges one activation.
   *
   * @param arguments asked only if a selector names the task; empty if they cannot be read, and
   *     then no selector matches
   */
  public Match judge(String taskname, Supplier<Optional<Arguments>> arguments) {
    if (tasknames.contains(taskname)) {
      return Match.WHOLE_TASK;
    }
    if (!selects(taskname)) {
      return Match.NONE;
    }
    return arguments
        .get()
        .filter(
            given ->
                selectors.stream()
                    .filter(selector -> selector.taskname().equals(taskname))
                    .anyMatch(selector -> selector.matches(given)))
        .map(_ -> Match.SELECTOR)
        .orElse(Match.NONE);
  }
}
