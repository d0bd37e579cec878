package io.taskbroker.application.operations;

import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.TaskNames;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.BiConsumer;

/**
 * Tasks that have ended in one span of time, by their names. Producers may invent any number of
 * names, and there is room for {@code mostNames}. A new name takes the place of the one that counts
 * least, and counts on from there (Space-Saving, Metwally, Agrawal, El Abbadi, 2005). So a name
 * that makes up more than one in {@code mostNames} of all is in here, however many others came
 * before it. Used by one thread.
 */
final class PaceTable {
  private final int mostNames;
  private final Map<TaskNames, Entry> byName = new LinkedHashMap<>();

  /** The first of them counts least, unless it has counted since it was put in. */
  private final PriorityQueue<Placed> leastFirst =
      new PriorityQueue<>(Comparator.comparingLong(Placed::weight).thenComparing(Placed::names));

  private long others;

  private record Placed(long weight, TaskNames names) {}

  /** What is known of the tasks of one name. */
  static final class Entry {
    private final Durations waits = new Durations();
    private final Durations runs = new Durations();
    private long weight;
    private long ended;
    private long failed;

    private void add(List<EndedTask> tasks) {
      ended += tasks.size();
      weight += tasks.size();
      tasks.forEach(this::add);
    }

    private void add(EndedTask task) {
      boolean isDone =
          switch (task.ending()) {
            case COMPLETED -> true;
            case DEAD_LETTERED, DISCARDED, UNDELIVERABLE -> {
              failed++;
              yield false;
            }
            case RETRIED, FORWARDED, EXPIRED, DROPPED, CANCELLED -> false;
          };
      if (task.handedOutMs() == 0) {
        return;
      }
      if (task.attempts() == 0) {
        waits.add(task.handedOutMs() - task.activation().dueAtMs());
      }
      if (isDone) {
        runs.add(task.endedMs() - task.handedOutMs());
      }
    }

    void add(Entry others) {
      ended += others.ended;
      failed += others.failed;
      waits.add(others.waits);
      runs.add(others.runs);
    }

    Pace pace(TaskNames names) {
      return new Pace(names, ended, failed, waits.spread(), runs.spread());
    }
  }

  PaceTable(int mostNames) {
    this.mostNames = mostNames;
  }

  /** Counts tasks that have one name. */
  void add(TaskNames names, List<EndedTask> tasks) {
    Entry entry = byName.get(names);
    if (entry == null) {
      entry = enter(names);
      entry.add(tasks);
      leastFirst.add(new Placed(entry.weight, names));
    } else {
      entry.add(tasks);
    }
  }

  private Entry enter(TaskNames names) {
    Entry entry = new Entry();
    if (byName.size() == mostNames) {
      entry.weight = takeLeast();
    }
    byName.put(names, entry);
    return entry;
  }

  /** Takes out the name that counts least; returns how much that is. */
  private long takeLeast() {
    while (true) {
      Placed placed = leastFirst.remove();
      Entry entry = byName.get(placed.names());
      if (entry == null) {
        throw new IllegalStateException("placed, and not there: " + placed.names());
      }
      if (entry.weight == placed.weight()) {
        byName.remove(placed.names());
        others += entry.ended;
        return entry.weight;
      }
      leastFirst.add(new Placed(entry.weight, placed.names()));
    }
  }

  /** How many tasks have ended whose names are not in here. */
  long others() {
    return others;
  }

  void forEach(BiConsumer<TaskNames, Entry> action) {
    byName.forEach(action);
  }
}
