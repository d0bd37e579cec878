package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.operator.Pause;
import io.taskbroker.domain.operator.PauseTarget;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which pauses are in force, and the rows that they keep back.
 *
 * <p>A row is put here when it is found while somebody asks for work, so that a pause costs the
 * same however much is stored; rows of a pause that has ended go back a few at a time.
 */
final class Pauses {
  private Map<PauseTarget, Pause> inForce = Map.of();

  /** Those that are written. */
  private Map<PauseTarget, Pause> settled = Map.of();

  /** Those that have ended by themselves, and it is not written yet. */
  private final Set<PauseTarget> over = new LinkedHashSet<>();

  private long firstEndMs = Long.MAX_VALUE;

  /** No set in it is empty. */
  private final Map<PauseTarget, TreeSet<Row>> keptBack = new LinkedHashMap<>();

  Map<PauseTarget, Pause> inForce() {
    return inForce;
  }

  /** The first pause that is about this activation; null if none is. */
  @Nullable PauseTarget of(Activation activation) {
    if (inForce.isEmpty()) {
      return null;
    }
    for (PauseTarget target : inForce.keySet()) {
      if (target.matches(activation)) {
        return target;
      }
    }
    return null;
  }

  void put(Pause pause) {
    Map<PauseTarget, Pause> changed = new TreeMap<>(inForce);
    changed.put(pause.target(), pause);
    become(Ordered.copyOf(changed));
  }

  /** Whether it was in force. */
  boolean lift(PauseTarget target) {
    if (!inForce.containsKey(target)) {
      return false;
    }
    Map<PauseTarget, Pause> changed = new TreeMap<>(inForce);
    changed.remove(target);
    become(Ordered.copyOf(changed));
    return true;
  }

  /** Lifts those that have ended by themselves. */
  void liftOver(long nowMs) {
    if (nowMs < firstEndMs) {
      return;
    }
    Map<PauseTarget, Pause> changed = new TreeMap<>(inForce);
    for (Pause pause : inForce.values()) {
      if (pause.isOver(nowMs)) {
        changed.remove(pause.target());
        over.add(pause.target());
      }
    }
    become(Ordered.copyOf(changed));
  }

  private void become(Map<PauseTarget, Pause> pauses) {
    inForce = pauses;
    firstEndMs = Long.MAX_VALUE;
    for (Pause pause : pauses.values()) {
      Long untilMs = pause.untilMs();
      firstEndMs = Math.min(firstEndMs, untilMs == null ? Long.MAX_VALUE : untilMs);
    }
  }

  // ---------------------------------------------------------------- rows

  void add(PauseTarget target, Row row) {
    keptBack.computeIfAbsent(target, _ -> new TreeSet<>(Row.BY_KEY)).add(row);
  }

  void remove(PauseTarget target, Row row) {
    TreeSet<Row> rows = keptBack.get(target);
    if (rows != null && rows.remove(row) && rows.isEmpty()) {
      keptBack.remove(target);
    }
  }

  /** The oldest row of a pause that has ended; null if all of them are back. */
  @Nullable Row firstFreed() {
    if (keptBack.isEmpty()) {
      return null;
    }
    for (Map.Entry<PauseTarget, TreeSet<Row>> rows : keptBack.entrySet()) {
      if (!inForce.containsKey(rows.getKey())) {
        return rows.getValue().first();
      }
    }
    return null;
  }

  // ---------------------------------------------------------------- groups

  /** What is not written yet; empty almost always. */
  List<StandingOrder> changes() {
    if (inForce == settled) {
      return List.of();
    }
    List<StandingOrder> changes = new ArrayList<>();
    inForce.forEach(
        (target, pause) -> {
          if (!pause.equals(settled.get(target))) {
            changes.add(PauseText.write(pause));
          }
        });
    settled.forEach(
        (target, pause) -> {
          if (!inForce.containsKey(target)) {
            changes.add(over.contains(target) ? PauseText.over(pause) : PauseText.lift(target));
          }
        });
    return changes;
  }

  void restore(List<Pause> kept) {
    Map<PauseTarget, Pause> pauses = new TreeMap<>();
    kept.forEach(pause -> pauses.put(pause.target(), pause));
    become(Ordered.copyOf(pauses));
    settle();
  }

  void settle() {
    over.clear();
    settled = inForce;
  }

  void undo() {
    over.clear();
    if (inForce != settled) {
      become(settled);
    }
  }
}
