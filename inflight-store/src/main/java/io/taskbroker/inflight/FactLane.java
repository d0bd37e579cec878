package io.taskbroker.inflight;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;

/**
 * Facts that are not written yet, in the order in which they came: at most one for each subject, so
 * that rows and partitions bound them. Used with the lock of its {@link CommandQueue} held.
 */
final class FactLane {
  /** As many as a publisher acknowledges together. */
  private static final int MOST_AT_ONCE = 1_000;

  private final SequencedMap<Subject, Fact> open = new LinkedHashMap<>();

  /** After a failure nothing of this lane is tried before somebody says so. */
  private boolean resting;

  /** Somebody has said so; it counts from the next turn on, so that a turn is all of one piece. */
  private boolean restIsOver;

  /** The engine breaks on these; they wait while others are told. */
  private final Set<Fact> paused = new LinkedHashSet<>();

  private boolean ended;

  void put(Fact fact) {
    Fact older = open.remove(fact.subject());
    open.put(fact.subject(), older == null || older.isOver() ? fact : fact.after(older));
  }

  /** What is open of these. */
  List<Fact> open(Collection<? extends Subject> subjects) {
    return subjects.stream().map(open::get).filter(Objects::nonNull).toList();
  }

  /**
   * The oldest ones, which stay open until they are over; none while the lane rests. A turn begins.
   */
  List<Fact> next() {
    if (restIsOver) {
      restIsOver = false;
      resting = false;
      paused.clear();
    }
    if (resting || open.isEmpty()) {
      return List.of();
    }
    List<Fact> facts = new ArrayList<>(Math.min(open.size(), MOST_AT_ONCE));
    for (Fact fact : open.values()) {
      if (facts.size() == MOST_AT_ONCE) {
        break;
      }
      if (!paused.contains(fact)) {
        facts.add(fact);
      }
    }
    return facts;
  }

  void pause(Fact fact) {
    paused.add(fact);
    restIsOver = false;
  }

  /** Forgets those that are over; one that was replaced meanwhile is another one. */
  void forgetOver(List<Fact> facts) {
    for (Fact fact : facts) {
      if (fact.isOver()) {
        open.remove(fact.subject(), fact);
      }
    }
  }

  void rest() {
    resting = true;
    restIsOver = false;
  }

  /** Whether the next turn has something to do that this one has not. */
  boolean endRest() {
    restIsOver = resting || !paused.isEmpty();
    return restIsOver && !open.isEmpty();
  }

  /** Whether nothing of it is tried in this turn. */
  boolean isResting() {
    return resting;
  }

  /** Whether nothing of it would be tried in a turn that began now. */
  boolean restsOn() {
    return resting && !restIsOver;
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  int size() {
    return open.size();
  }

  /** Takes no more; those that were not written. */
  List<Fact> end() {
    ended = true;
    List<Fact> left = List.copyOf(open.values());
    open.clear();
    return left;
  }

  boolean hasEnded() {
    return ended;
  }
}
