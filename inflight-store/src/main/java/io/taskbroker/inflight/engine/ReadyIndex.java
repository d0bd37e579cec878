package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ClaimFilter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What may be claimed, oldest first, whichever filter a worker has.
 *
 * <p>A queue for each namespace of an application; the applications, and the namespaces within one,
 * are ordered by the oldest row they have. Whatever the filter, finding the oldest takes a few
 * steps, and a neighbour's backlog costs nothing.
 */
final class ReadyIndex {
  /** Heap that an application takes beside its queues: maps, sets, and its entries in ours. */
  private static final int APPLICATION_BYTES = 330;

  /** Heap that a namespace's queue takes when it is empty. */
  private static final int QUEUE_BYTES = 140;

  private int queueCount;
  private final Map<String, Application> applications = new HashMap<>();
  private final TreeSet<Application> byOldest =
      new TreeSet<>(Comparator.comparing(Application::oldest, Row.BY_ARRIVAL));

  void add(Row row) {
    String name = row.activation.application();
    Application application = applications.computeIfAbsent(name, _ -> new Application());
    boolean wasEmpty = application.isEmpty();
    if (!wasEmpty && Row.BY_ARRIVAL.compare(application.oldest(), row) < 0) {
      application.add(row);
      return;
    }
    if (!wasEmpty) {
      byOldest.remove(application);
    }
    application.add(row);
    byOldest.add(application);
  }

  void remove(Row row) {
    String name = row.activation.application();
    Application application = applications.get(name);
    if (application == null) {
      return;
    }
    if (application.oldest() != row) {
      application.remove(row);
      return;
    }
    byOldest.remove(application);
    application.remove(row);
    if (application.isEmpty()) {
      applications.remove(name);
    } else {
      byOldest.add(application);
    }
  }

  /** The oldest row that the filter lets through, left where it is. */
  @Nullable Row oldest(ClaimFilter filter) {
    String name = filter.application();
    if (name == null) {
      return byOldest.isEmpty() ? null : byOldest.first().oldest();
    }
    Application application = applications.get(name);
    if (application == null) {
      return null;
    }
    String namespace = filter.namespace();
    if (namespace == null) {
      return application.oldest();
    }
    TreeSet<Row> queue = application.queues.get(namespace);
    return queue == null ? null : queue.first();
  }

  /** Rows of these namespaces, whatever their application, at most {@code limit}; left in place. */
  List<Row> oldestOf(Set<String> namespaces, int limit) {
    List<Row> found = new ArrayList<>();
    for (Application application : applications.values()) {
      for (String namespace : namespaces) {
        SortedSet<Row> queue = application.queues.get(namespace);
        if (queue != null) {
          queue.stream().limit(limit - found.size()).forEach(found::add);
        }
      }
    }
    return found;
  }

  /** Estimated heap of the queues themselves: little, unless each row has names of its own. */
  long memoryBytes() {
    return (long) applications.size() * APPLICATION_BYTES + (long) queueCount * QUEUE_BYTES;
  }

  /** How many rows each application has. */
  Map<String, Integer> sizes() {
    Map<String, Integer> sizes = new HashMap<>();
    applications.forEach(
        (name, application) ->
            sizes.put(name, application.queues.values().stream().mapToInt(TreeSet::size).sum()));
    return sizes;
  }

  /** One application's queues; no queue in it is empty. */
  private final class Application {
    private final Map<String, TreeSet<Row>> queues = new HashMap<>();
    private final TreeSet<TreeSet<Row>> byOldest =
        new TreeSet<>(Comparator.comparing(TreeSet::first, Row.BY_ARRIVAL));

    boolean isEmpty() {
      return byOldest.isEmpty();
    }

    Row oldest() {
      return byOldest.first().first();
    }

    void add(Row row) {
      String namespace = row.activation.namespace();
      TreeSet<Row> queue = queues.get(namespace);
      if (queue == null) {
        queue = new TreeSet<>(Row.BY_ARRIVAL);
        queues.put(namespace, queue);
        queueCount++;
      }
      if (!queue.isEmpty() && Row.BY_ARRIVAL.compare(queue.first(), row) < 0) {
        queue.add(row);
        return;
      }
      if (!queue.isEmpty()) {
        byOldest.remove(queue);
      }
      queue.add(row);
      byOldest.add(queue);
    }

    void remove(Row row) {
      String namespace = row.activation.namespace();
      TreeSet<Row> queue = queues.get(namespace);
      if (queue == null) {
        return;
      }
      if (queue.first() != row) {
        queue.remove(row);
        return;
      }
      byOldest.remove(queue);
      queue.pollFirst();
      if (queue.isEmpty()) {
        queues.remove(namespace);
        queueCount--;
      } else {
        byOldest.add(queue);
      }
    }
  }
}
