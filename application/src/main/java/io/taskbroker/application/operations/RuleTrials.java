package io.taskbroker.application.operations;

import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import io.taskbroker.domain.rules.Selector;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Tries rules without putting them in force. Those that go by names are told from counts that are
 * kept; those that go by arguments from payloads, which are read beside the store's writer, a
 * bounded piece at a time. Safe for any number of threads.
 */
final class RuleTrials {
  /** Kinds that the store is asked for at a time. */
  private static final int KINDS = 1_000;

  /** Tasks of one piece, and bytes of their payloads; one payload may be larger, and is alone. */
  private static final int MOST_TASKS = 1_000;

  private static final long MOST_BYTES = 4 << 20;

  private final StoredTasks tasks;
  private final ArgumentReader arguments;

  RuleTrials(StoredTasks tasks, ArgumentReader arguments) {
    this.tasks = tasks;
    this.arguments = arguments;
  }

  /**
   * @param after {@link RuleTrial#last} of the piece before; 0 to begin
   */
  RuleTrial piece(Rules rules, long after) {
    Map<Rules, Map<Status, Long>> met = new LinkedHashMap<>();
    rules.each().forEach(rule -> met.put(rule, new EnumMap<>(Status.class)));
    if (after == 0) {
      count(met);
    }
    List<Selector> selectors = rules.killSwitch().selectors();
    Looked looked = selectors.isEmpty() ? Looked.ALL : judge(selectors, met, after);
    List<RuleEffect> effects = new ArrayList<>();
    met.forEach((rule, byStatus) -> effects.add(new RuleEffect(rule, byStatus)));
    return new RuleTrial(effects, looked.last(), looked.isLast());
  }

  private record Looked(long last, boolean isLast) {
    static final Looked ALL = new Looked(0, true);
  }

  // ---------------------------------------------------------------- by names

  private void count(Map<Rules, Map<Status, Long>> met) {
    Map<Rules, Predicate<TaskNames>> byName = new LinkedHashMap<>();
    met.keySet().forEach(rule -> byNames(rule).ifPresent(names -> byName.put(rule, names)));
    TaskNames last = null;
    boolean isLast = byName.isEmpty();
    while (!isLast) {
      List<TaskCount> piece = tasks.counts(last, KINDS);
      for (TaskCount count : piece) {
        byName.forEach(
            (rule, names) -> {
              if (names.test(count.names())) {
                count.byStatus().forEach((status, number) -> add(met.get(rule), status, number));
              }
            });
      }
      isLast = piece.size() < KINDS;
      last = isLast ? null : piece.getLast().names();
    }
  }

  /** Whom a rule is about by their names alone; empty if it goes by arguments. */
  private static Optional<Predicate<TaskNames>> byNames(Rules rule) {
    Set<String> dropped = rule.killSwitch().tasknames();
    Set<String> demoted = rule.demotion().namespaces();
    return rule.killSwitch().selectors().isEmpty()
        ? Optional.of(
            names -> dropped.contains(names.taskname()) || demoted.contains(names.namespace()))
        : Optional.empty();
  }

  private static void add(@Nullable Map<Status, Long> byStatus, Status status, long number) {
    if (byStatus != null && status != Status.COMPLETE && number > 0) {
      byStatus.merge(status, number, Long::sum);
    }
  }

  // ---------------------------------------------------------------- by arguments

  private Looked judge(List<Selector> selectors, Map<Rules, Map<Status, Long>> met, long after) {
    Map<Rules, KillSwitch> switches = new LinkedHashMap<>();
    met.keySet().stream()
        .filter(rule -> !rule.killSwitch().selectors().isEmpty())
        .forEach(rule -> switches.put(rule, rule.killSwitch()));
    Set<String> named = new LinkedHashSet<>();
    selectors.forEach(selector -> named.add(selector.taskname()));
    TaskPage page = tasks.list(filterOf(named), after, MOST_TASKS);
    long bytes = 0;
    long last = after;
    for (StoredTask task : page.tasks()) {
      if (named.contains(task.activation().taskname())) {
        bytes += task.activation().payloadBytes();
        if (bytes > MOST_BYTES && last > after) {
          return new Looked(last, false);
        }
        judge(task, switches, met);
      }
      last = task.key();
    }
    return new Looked(page.last(), page.isLast());
  }

  /** Narrower than the names only if there is one, since a filter has room for one. */
  private static TaskFilter filterOf(Set<String> named) {
    return named.size() == 1
        ? new TaskFilter(null, null, named.iterator().next(), null, null)
        : TaskFilter.ANY;
  }

  private void judge(
      StoredTask task, Map<Rules, KillSwitch> switches, Map<Rules, Map<Status, Long>> met) {
    String taskname = task.activation().taskname();
    Optional<byte[]> payload = tasks.payload(task.key());
    switches.forEach(
        (rule, killSwitch) -> {
          KillSwitch.Match match =
              killSwitch.judge(
                  taskname, wanted -> payload.flatMap(bytes -> arguments.read(bytes, wanted)));
          if (match != KillSwitch.Match.NONE) {
            add(met.get(rule), task.state().status(), 1);
          }
        });
  }
}
