package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.StoredTask;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskFilter;
import io.taskbroker.domain.operator.TaskNames;
import io.taskbroker.domain.operator.TaskPage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What operators see of the rows of the {@link ModelStore}. */
final class ModelTasks {
  private final ModelRows rows;

  ModelTasks(ModelRows rows) {
    this.rows = rows;
  }

  TaskPage list(TaskFilter filter, long after, int limit) {
    return piece(row -> filter.matches(row.activation, row.state.status()), after, limit);
  }

  TaskPage parked(long after, int limit) {
    return piece(row -> row.parked != null, after, limit);
  }

  private TaskPage piece(Predicate<ModelRow> wanted, long after, int limit) {
    List<StoredTask> tasks =
        rows.where(row -> row.key > after)
            .filter(wanted)
            .limit(limit + 1L)
            .map(ModelRow::task)
            .toList();
    return tasks.size() > limit
        ? new TaskPage(tasks.subList(0, limit), tasks.get(limit - 1).key(), false)
        : new TaskPage(tasks, rows.lastKey(), true);
  }

  Optional<StoredTask> find(String id) {
    return Optional.ofNullable(rows.find(id)).map(ModelRow::task);
  }

  EndedPage ended(TaskFilter filter, @Nullable Ending ending, long before, int limit) {
    List<EndedTask> all = rows.ended();
    int size = all.size();
    List<EndedTask> found = new ArrayList<>();
    for (int number = before == 0 ? size : (int) Math.min(before, size); number > 0; number--) {
      EndedTask task = all.get(size - number);
      if ((ending == null || ending == task.ending()) && filter.matchesNames(task.activation())) {
        if (found.size() == limit) {
          return new EndedPage(found, number);
        }
        found.add(task);
      }
    }
    return new EndedPage(found, 0);
  }

  Optional<EndedTask> findEnded(String id) {
    return rows.ended().stream().filter(task -> task.activation().id().equals(id)).findFirst();
  }

  Optional<byte[]> payload(long key) {
    return Optional.ofNullable(rows.find(key))
        .filter(row -> !(row.state instanceof Completed))
        .map(row -> row.payload);
  }

  List<StoredTask> upcoming(int limit) {
    return rows.where(row -> row.state instanceof Delayed)
        .sorted(Comparator.comparingLong(ModelTasks::delayedUntilMs))
        .limit(limit)
        .map(ModelRow::task)
        .toList();
  }

  private static long delayedUntilMs(ModelRow row) {
    return row.state instanceof Delayed(long untilMs) ? untilMs : Long.MAX_VALUE;
  }

  List<TaskCount> counts(@Nullable TaskNames after, int limit, Moment now) {
    Map<TaskNames, List<ModelRow>> kinds =
        rows.where(row -> !row.activation.isBadRecord())
            .collect(
                Collectors.groupingBy(
                    row -> TaskNames.of(row.activation), TreeMap::new, Collectors.toList()));
    return kinds.entrySet().stream()
        .filter(kind -> after == null || kind.getKey().compareTo(after) > 0)
        .limit(limit)
        .map(
            kind ->
                new TaskCount(
                    kind.getKey(),
                    byStatus(kind.getValue()),
                    ModelWaiting.oldest(kind.getValue(), now)))
        .toList();
  }

  private static Map<Status, Integer> byStatus(List<ModelRow> rows) {
    Map<Status, Integer> counts = new EnumMap<>(Status.class);
    rows.forEach(row -> counts.merge(row.state.status(), 1, Integer::sum));
    return counts;
  }
}
