package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.operator.TaskCount;
import io.taskbroker.domain.operator.TaskNames;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many rows there are of each application, namespace, task and state, kept and not counted. A
 * row knows its kind, so that a change of its state looks up nothing.
 */
final class Census {
  /** Heap of a kind beside its names, which its rows account for. */
  private static final int KIND_BYTES = 400;

  private final Map<TaskNames, Kind> kinds = new LinkedHashMap<>();

  /** The same, so that a list of them can be cut. */
  private final NavigableMap<TaskNames, Kind> inOrder = new TreeMap<>();

  /** In how many seconds pending rows of a kind were due, of all kinds together. */
  private int seconds;

  /** The rows of one application, namespace and task. */
  static final class Kind {
    private final TaskNames names;
    private final Map<Status, Count> byStatus = new EnumMap<>(Status.class);
    private final DueTimes pending = DueTimes.bySecond();
    private int rows;

    private Kind(TaskNames names) {
      this.names = names;
    }

    void count(Status status, int sign) {
      Count count = byStatus.get(status);
      if (count == null) {
        count = new Count();
        byStatus.put(status, count);
      }
      count.value += sign;
    }

    private TaskCount counted(Moment now) {
      Map<Status, Integer> counts = new EnumMap<>(Status.class);
      byStatus.forEach(
          (status, count) -> {
            if (count.value != 0) {
              counts.put(status, count.value);
            }
          });
      return new TaskCount(names, counts, pending.oldest(now));
    }
  }

  private static final class Count {
    int value;
  }

  /** One more row of this kind is there. */
  Kind enter(Activation activation) {
    TaskNames names = TaskNames.of(activation);
    Kind kind = kinds.get(names);
    if (kind == null) {
      kind = new Kind(names);
      kinds.put(names, kind);
      inOrder.put(names, kind);
    }
    kind.rows++;
    return kind;
  }

  /** One row of this kind is gone. */
  void leave(Kind kind) {
    kind.rows--;
    if (kind.rows == 0) {
      kinds.remove(kind.names);
      inOrder.remove(kind.names);
    }
  }

  /** One more row of this kind waits for a worker. */
  void addPending(Kind kind, Row row) {
    seconds -= kind.pending.size();
    kind.pending.add(row);
    seconds += kind.pending.size();
  }

  void removePending(Kind kind, Row row) {
    seconds -= kind.pending.size();
    kind.pending.remove(row);
    seconds += kind.pending.size();
  }

  /**
   * At most {@code limit} kinds, in the order of their names.
   *
   * @param after the last kind of the piece before; null for the first piece
   */
  List<TaskCount> counts(@Nullable TaskNames after, int limit, Moment now) {
    List<TaskCount> counts = new ArrayList<>();
    for (Kind kind : (after == null ? inOrder : inOrder.tailMap(after, false)).values()) {
      if (counts.size() == limit) {
        break;
      }
      counts.add(kind.counted(now));
    }
    return counts;
  }

  long memoryBytes() {
    return (long) kinds.size() * KIND_BYTES + (long) seconds * DueTimes.STRETCH_BYTES;
  }
}
