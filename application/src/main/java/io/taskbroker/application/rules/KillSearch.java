package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Selector;
import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One walk of a kill switch over what is stored, in steps of bounded length. A step that failed is
 * taken again. Used by one thread.
 */
final class KillSearch {
  /** Rows per step. */
  private static final int STEP = 1_000;

  private final KillSwitch killSwitch;
  private final RulesStore store;
  private final ArgumentReader arguments;
  private final Queue<Part> parts = new ArrayDeque<>();
  private int dropped;

  /**
   * @param killSwitch that is not off
   */
  KillSearch(KillSwitch killSwitch, RulesStore store, ArgumentReader arguments) {
    this.killSwitch = killSwitch;
    this.store = store;
    this.arguments = arguments;
    if (!killSwitch.tasknames().isEmpty()) {
      parts.add(new Part(killSwitch.tasknames(), null));
    }
    Set<String> selected = new LinkedHashSet<>();
    for (Selector selector : killSwitch.selectors()) {
      selected.add(selector.taskname());
    }
    selected.forEach(taskname -> parts.add(new Part(Set.of(taskname), taskname)));
  }

  boolean isOver() {
    return parts.isEmpty();
  }

  /** How many rows all steps have dropped. */
  int dropped() {
    return dropped;
  }

  /** Takes one more step; how many rows were dropped. Not to be called once it is over. */
  int step() {
    Part part = parts.element();
    int rows = part.step();
    dropped += rows;
    if (part.isOver()) {
      parts.remove();
    }
    return rows;
  }

  /** Rows of some tasks: all of them have to go, or those of one task that a selector names. */
  private final class Part {
    private final Set<String> tasknames;
    private final @Nullable String selected;
    private @Nullable List<Long> keys;
    private int looked;

    Part(Set<String> tasknames, @Nullable String selected) {
      this.tasknames = tasknames;
      this.selected = selected;
    }

    boolean isOver() {
      return keys != null && looked == keys.size();
    }

    int step() {
      List<Long> all = keys == null ? store.keysOf(tasknames) : keys;
      keys = all;
      List<Long> next = all.subList(looked, Math.min(all.size(), looked + STEP));
      if (next.isEmpty()) {
        return 0;
      }
      if (selected == null) {
        int dropped = store.drop(next);
        looked += next.size();
        return dropped;
      }
      RulesStore.Payloads payloads = store.payloadsOf(next);
      int dropped = drop(named(selected, payloads.byKey()));
      looked += payloads.rows();
      return dropped;
    }

    private List<Long> named(String taskname, Map<Long, byte[]> payloads) {
      return payloads.entrySet().stream()
          .filter(row -> isNamed(taskname, row.getValue()))
          .map(Map.Entry::getKey)
          .toList();
    }

    private boolean isNamed(String taskname, byte[] payload) {
      return killSwitch.judge(taskname, () -> arguments.read(payload)) != KillSwitch.Match.NONE;
    }

    private int drop(List<Long> some) {
      return some.isEmpty() ? 0 : store.drop(some);
    }
  }
}
