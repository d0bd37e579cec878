package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ClaimFilter;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
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
  private static final int QUEUE_BYTES = 310;

  private int queueCount;

  /** By name, so that a list of them can be cut. */
  private final TreeMap<String, Application> applications = new TreeMap<>();

  /** Applications that have rows of a namespace of this name. */
  private final Map<String, Set<Application>> byNamespace = new HashMap<>();

  private final TreeSet<Application> byOldest =
      new TreeSet<>((a, b) -> Row.BY_ARRIVAL.compare(a.oldest(), b.oldest()));

  private @Nullable Consumer<Row> watcher;

  /** Is told of each row that comes from now on; null to tell nobody. */
  void watch(@Nullable Consumer<Row> newcomers) {
    watcher = newcomers;
  }

  void add(Row row) {
    if (watcher != null) {
      watcher.accept(row);
    }
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
    return application.first(namespace);
  }

  /** How many rows one namespace of an application has. */
  int count(ClaimFilter namespace) {
    Application application = applications.get(namespace.application());
    ReadyQueue queue = application == null ? null : application.queues.get(namespace.namespace());
    return queue == null ? 0 : queue.size();
  }

  /** The oldest row of some application in one of these namespaces; null if there is none. */
  @Nullable Row someOf(Set<String> namespaces) {
    for (String namespace : namespaces) {
      Set<Application> having = byNamespace.get(namespace);
      if (having != null) {
        return having.iterator().next().first(namespace);
      }
    }
    return null;
  }

  /** Estimated heap of the queues themselves: little, unless each row has names of its own. */
  long memoryBytes() {
    return (long) applications.size() * APPLICATION_BYTES + (long) queueCount * QUEUE_BYTES;
  }

  /**
   * How many rows applications have, at most {@code limit} of them, in the order of their names.
   *
   * @param after the last name of the piece before; null for the first piece
   */
  SortedMap<String, Integer> sizes(@Nullable String after, int limit) {
    SortedMap<String, Integer> sizes = new TreeMap<>();
    var rest = after == null ? applications : applications.tailMap(after, false);
    for (var entry : rest.entrySet()) {
      if (sizes.size() == limit) {
        break;
      }
      sizes.put(entry.getKey(), entry.getValue().size);
    }
    return sizes;
  }

  /** The oldest of what is not empty. */
  private static Row oldestOf(ReadyQueue queue) {
    Row oldest = queue.oldest();
    if (oldest == null) {
      throw new IllegalStateException("an empty queue was kept");
    }
    return oldest;
  }

  /** One application's queues; no queue in it is empty. */
  private final class Application {
    private final Map<String, ReadyQueue> queues = new HashMap<>();
    private int size;
    private final TreeSet<ReadyQueue> byOldest =
        new TreeSet<>((a, b) -> Row.BY_ARRIVAL.compare(oldestOf(a), oldestOf(b)));

    boolean isEmpty() {
      return byOldest.isEmpty();
    }

    Row oldest() {
      return oldestOf(byOldest.first());
    }

    @Nullable Row first(String namespace) {
      ReadyQueue queue = queues.get(namespace);
      return queue == null ? null : queue.oldest();
    }

    void add(Row row) {
      size++;
      String namespace = row.activation.namespace();
      ReadyQueue queue = queues.get(namespace);
      if (queue == null) {
        queue = new ReadyQueue();
        queues.put(namespace, queue);
        byNamespace.computeIfAbsent(namespace, _ -> new LinkedHashSet<>(2)).add(this);
        queueCount++;
      } else if (Row.BY_ARRIVAL.compare(oldestOf(queue), row) < 0) {
        queue.add(row);
        return;
      } else {
        byOldest.remove(queue);
      }
      queue.add(row);
      byOldest.add(queue);
    }

    void remove(Row row) {
      String namespace = row.activation.namespace();
      ReadyQueue queue = queues.get(namespace);
      if (queue == null) {
        return;
      }
      if (queue.oldest() != row) {
        size -= queue.remove(row) ? 1 : 0;
        return;
      }
      byOldest.remove(queue);
      boolean _ = queue.remove(row);
      size--;
      if (queue.size() == 0) {
        forget(namespace);
      } else {
        byOldest.add(queue);
      }
    }

    private void forget(String namespace) {
      queues.remove(namespace);
      queueCount--;
      Set<Application> having = byNamespace.get(namespace);
      if (having != null && having.remove(this) && having.isEmpty()) {
        byNamespace.remove(namespace);
      }
    }
  }
}
