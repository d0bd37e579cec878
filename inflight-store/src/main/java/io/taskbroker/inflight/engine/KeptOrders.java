package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Ordered;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Standing orders that hold until somebody takes them back, and whose texts only those who gave
 * them understand.
 */
public final class KeptOrders {
  /** Tells their names from those of other standing orders. */
  private static final String PREFIX = "rule?";

  /** In the order of their names. */
  private Map<String, String> kept = Map.of();

  /** Those that are written. */
  private Map<String, String> settled = Map.of();

  KeptOrders() {}

  /**
   * Keeps a text; it takes the place of an earlier one of this name.
   *
   * @return false if there are {@code most} of other names
   */
  public boolean keep(String name, String text, int most) {
    if (kept.size() >= most && !kept.containsKey(name)) {
      return false;
    }
    Map<String, String> changed = new TreeMap<>(kept);
    changed.put(name, text);
    kept = Ordered.copyOf(changed);
    return true;
  }

  /** Keeps it no more; false if there was none of this name. */
  public boolean forget(String name) {
    if (!kept.containsKey(name)) {
      return false;
    }
    Map<String, String> changed = new TreeMap<>(kept);
    changed.remove(name);
    kept = Ordered.copyOf(changed);
    return true;
  }

  /** All of them, in the order of their names. */
  public Map<String, String> all() {
    return kept;
  }

  /** What is not written yet; empty almost always. */
  List<StandingOrder> changes() {
    if (kept == settled) {
      return List.of();
    }
    List<StandingOrder> changes = new ArrayList<>();
    kept.forEach(
        (name, text) -> {
          if (!text.equals(settled.get(name))) {
            changes.add(new StandingOrder(PREFIX + name, text));
          }
        });
    settled.forEach(
        (name, _) -> {
          if (!kept.containsKey(name)) {
            changes.add(new StandingOrder(PREFIX + name, null));
          }
        });
    return changes;
  }

  /** Takes in those of a journal's standing orders that are of this kind. */
  void restore(Map<String, String> orders) {
    Map<String, String> ours = new TreeMap<>();
    orders.forEach(
        (name, text) -> {
          if (name.startsWith(PREFIX)) {
            ours.put(name.substring(PREFIX.length()), text);
          }
        });
    kept = Ordered.copyOf(ours);
    settle();
  }

  void settle() {
    settled = kept;
  }

  void undo() {
    kept = settled;
  }
}
