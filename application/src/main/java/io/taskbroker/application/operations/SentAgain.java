package io.taskbroker.application.operations;

import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Which tasks this process has made of dead letters: the new id by the old one. Forgets the oldest
 * where there are many. Safe for all threads.
 */
public final class SentAgain {
  /** Some 2 MB of ids. */
  static final int MOST = 10_000;

  private final SequencedMap<String, String> newIds = new LinkedHashMap<>();

  /** The dead letter of a task was sent again, as a task of another id. */
  public synchronized void sent(String id, String newId) {
    newIds.remove(id); // so that it is the youngest
    newIds.put(id, newId);
    if (newIds.size() > MOST) {
      var _ = newIds.pollFirstEntry();
    }
  }

  /** The task that the dead letter of this one has become last; empty if that is not known. */
  public synchronized Optional<String> newIdOf(String id) {
    return Optional.ofNullable(newIds.get(id));
  }
}
