package io.taskbroker.application.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.operator.EndedTask;
import java.util.ArrayList;
import java.util.List;

/**
 * Tasks that have ended, on their way from the store's writer to {@link
 * io.taskbroker.application.operations.Paces}. Nothing is kept before it has asked once, nor after
 * it has stopped asking, but that some worker has done a task. Safe for all threads.
 */
final class EndedFeed {
  /** More are let go: nobody has come for them for long. */
  static final int MOST = 100_000;

  private List<List<EndedTask>> groups = new ArrayList<>();
  private int tasks;
  private boolean isWanted;
  private volatile boolean hasWorked;

  /** Those that have ended since the last call, in order. */
  List<EndedTask> take() {
    List<List<EndedTask>> taken;
    synchronized (this) {
      taken = groups;
      groups = new ArrayList<>();
      tasks = 0;
      isWanted = true;
    }
    List<EndedTask> all = new ArrayList<>();
    taken.forEach(all::addAll);
    return all;
  }

  /** Whether a task has ended that a worker had. */
  boolean hasWorked() {
    return hasWorked;
  }

  private void look(List<EndedTask> ended) {
    if (!hasWorked && ended.stream().anyMatch(task -> task.handedOutMs() != 0)) {
      hasWorked = true;
    }
  }

  private synchronized void add(List<EndedTask> ended) {
    if (!isWanted) {
      return;
    }
    if (tasks + ended.size() > MOST) {
      groups = new ArrayList<>();
      tasks = 0;
      isWanted = false;
    } else {
      groups.add(ended);
      tasks += ended.size();
    }
  }

  /** The same metrics, and this one hears of ended tasks, too. */
  BrokerMetrics beside(BrokerMetrics metrics) {
    EventSink<StoreEvent> others = metrics.store();
    return metrics.withStore(
        event -> {
          others.count(event);
          if (event instanceof StoreEvent.Ended(List<EndedTask> ended)) {
            look(ended);
            add(ended);
          }
        });
  }
}
