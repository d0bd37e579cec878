package io.taskbroker.application.dispatch;

import io.taskbroker.domain.operator.WorkerSight;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What workers say of themselves: which program they are, in which version. It is for people, and
 * nobody checks it. Safe for all threads.
 */
public final class WorkerPrograms {
  /** Whoever sends more than people read is cut. */
  static final int LONGEST = 100;

  /** Workers that are remembered: twice as many as are listed, since those come and go, too. */
  static final int MOST = 2 * WorkerSight.MOST;

  /** By the worker's name, the one first that was told first. */
  private final Map<String, String> told = new LinkedHashMap<>();

  /**
   * A worker says which program it is.
   *
   * @param worker empty if nobody knows who it is
   * @param program empty if it says nothing
   */
  public synchronized void tells(String worker, String program) {
    if (worker.isEmpty() || program.isBlank()) {
      return;
    }
    told.remove(worker);
    if (told.size() == MOST) {
      told.remove(told.keySet().iterator().next());
    }
    String text = program.strip();
    told.put(worker, text.length() <= LONGEST ? text : text.substring(0, LONGEST));
  }

  /** Which program this worker is; empty if it has not said so, or long ago. */
  public synchronized Optional<String> of(String worker) {
    return Optional.ofNullable(told.get(worker));
  }
}
