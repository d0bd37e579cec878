package io.taskbroker.adapters.metrics;

import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.TaskNames;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How tasks end, by their names. The store's writer only hands over what has ended; whoever reads
 * or sends metrics sums it up. Safe for all threads.
 */
final class TaskCounts {
  /** Ended tasks that wait to be summed up; more are counted as lost, and not by their names. */
  static final int MOST_WAITING = 500_000;

  private final ConcurrentLinkedQueue<List<EndedTask>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger waitingTasks = new AtomicInteger();
  private final ByTag<ByTag<ByTag<ByTag<Counter>>>> outcomes;
  private final ByTag<ByTag<ByTag<Histogram>>> runtimes;
  private final Counter lost;

  TaskCounts(Meters meters) {
    outcomes =
        meters.byFourInUse(
            application ->
                namespace ->
                    taskname ->
                        outcome ->
                            meters.counter(
                                "task.outcome",
                                "application",
                                application,
                                "namespace",
                                namespace,
                                "taskname",
                                taskname,
                                "outcome",
                                outcome));
    runtimes =
        meters.byThreeInUse(
            application ->
                namespace ->
                    taskname ->
                        meters.coarse(
                            "task.runtime",
                            Unit.MILLISECONDS,
                            "application",
                            application,
                            "namespace",
                            namespace,
                            "taskname",
                            taskname));
    lost = meters.counter("task.uncounted");
  }

  /** On the writer's thread. */
  void ended(List<EndedTask> tasks) {
    if (waitingTasks.addAndGet(tasks.size()) > MOST_WAITING) {
      waitingTasks.addAndGet(-tasks.size());
      lost.add(tasks.size());
    } else {
      waiting.add(tasks);
    }
  }

  /**
   * Counts what waits. Names of which there is most come first, so that they find room before those
   * that come once.
   */
  synchronized void sumUp() {
    Map<TaskNames, List<EndedTask>> byName = new HashMap<>();
    for (List<EndedTask> tasks = waiting.poll(); tasks != null; tasks = waiting.poll()) {
      waitingTasks.addAndGet(-tasks.size());
      for (EndedTask task : tasks) {
        byName.computeIfAbsent(TaskNames.of(task.activation()), _ -> new ArrayList<>()).add(task);
      }
    }
    byName.entrySet().stream()
        .sorted(Comparator.comparingInt(kind -> -kind.getValue().size()))
        .forEach(kind -> count(kind.getKey(), kind.getValue()));
  }

  private void count(TaskNames names, List<EndedTask> tasks) {
    ByTag<Counter> byOutcome =
        outcomes.of(names.application()).of(names.namespace()).of(names.taskname());
    for (EndedTask task : tasks) {
      byOutcome.of(task.ending().text()).one();
      if (task.ending() == Ending.COMPLETED && task.handedOutMs() != 0) {
        runtimes
            .of(names.application())
            .of(names.namespace())
            .of(names.taskname())
            .record(task.endedMs() - task.handedOutMs());
      }
    }
  }
}
