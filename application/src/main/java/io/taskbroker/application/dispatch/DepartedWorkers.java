package io.taskbroker.application.dispatch;

import io.taskbroker.domain.operator.WorkerSight;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which workers have gone, and when: those whose connection has ended. It is for people; what a
 * worker had comes back at its deadline, as ever. Safe for all threads.
 */
public final class DepartedWorkers {
  /** Workers that are remembered: twice as many as are listed, since those come and go, too. */
  static final int MOST = 2 * WorkerSight.MOST;

  /** Unix milliseconds by the worker's name, the longest gone first. */
  private final Map<String, Long> gone = new LinkedHashMap<>();

  /** A worker's connection is there. It is not marked as gone any more. */
  public synchronized void came(String worker) {
    gone.remove(worker);
  }

  /**
   * A worker's connection has ended.
   *
   * @param worker empty if nobody knows who it was
   */
  public synchronized void went(String worker, long nowMs) {
    if (worker.isEmpty()) {
      return;
    }
    gone.remove(worker);
    if (gone.size() == MOST) {
      gone.remove(gone.keySet().iterator().next());
    }
    gone.put(worker, nowMs);
  }

  /** When this worker went, Unix milliseconds; empty if it is there, or nobody knows. */
  public synchronized Optional<Long> goneMs(String worker) {
    return Optional.ofNullable(gone.get(worker));
  }
}
