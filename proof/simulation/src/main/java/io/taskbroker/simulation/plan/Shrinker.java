package io.taskbroker.simulation.plan;

import io.taskbroker.simulation.world.Violation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds a short plan with the same kind of violation: leaves out what is not needed for it. */
final class Shrinker {
  private static final int MOST_PLAYS = 400;

  private final Violation.Kind kind;
  private Plan best;
  private int plays;

  private Shrinker(Plan plan, Violation.Kind kind) {
    this.best = plan;
    this.kind = kind;
  }

  static Plan shrink(Plan plan, Violation violation) {
    Shrinker shrinker = new Shrinker(plan, violation.kind());
    shrinker.run();
    return shrinker.best;
  }

  private void run() {
    int size = Math.max(1, best.events().size() / 2);
    while (size >= 1 && plays < MOST_PLAYS) {
      boolean shorter = leaveOut(size);
      if (!shorter) {
        size /= 2;
      }
    }
  }

  /** Leaves out pieces of this size wherever that changes nothing; whether any was left out. */
  private boolean leaveOut(int size) {
    boolean shorter = false;
    int from = 0;
    while (from < best.events().size() && plays < MOST_PLAYS) {
      List<Event> fewer = new ArrayList<>(best.events());
      fewer.subList(from, Math.min(from + size, fewer.size())).clear();
      Plan candidate = best.with(fewer);
      plays++;
      Optional<Violation> violation = Play.of(candidate, false).violation();
      if (violation.filter(found -> found.kind() == kind).isPresent()) {
        best = candidate;
        shorter = true;
      } else {
        from += size;
      }
    }
    return shorter;
  }
}
