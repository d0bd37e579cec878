package io.taskbroker.inflight;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions are this broker's to read, and which have all of their rows here. Safe for all
 * threads; no method blocks.
 */
final class OwnPartitions {
  /** After a revocation others are likely to ask. */
  private static final Duration WATCHFUL = Duration.ofSeconds(60);

  private volatile Set<Partition> awaited = Set.of();

  private final ReentrantLock lock = new ReentrantLock();

  // with the lock held

  private final Set<Partition> assigned = new LinkedHashSet<>();

  /** Given up though they are ours to read: they are not wanted back before that. */
  private final Map<Partition, Moment> yielded = new LinkedHashMap<>();

  private final Set<Partition> here = new LinkedHashSet<>();
  private final Set<Partition> unwanted = new LinkedHashSet<>();
  private @Nullable Moment watchfulUntil;
  private boolean isToStartOver;

  /** These partitions are ours to read from now on. */
  void assigned(Collection<Partition> partitions) {
    lock.lock();
    try {
      for (Partition partition : partitions) {
        assigned.add(partition);
        yielded.remove(partition);
        unwanted.remove(partition);
      }
      lookAnew();
    } finally {
      lock.unlock();
    }
  }

  /** These partitions are not ours to read any more; their rows stay for now. */
  void revoked(Collection<Partition> partitions, Moment now) {
    lock.lock();
    try {
      for (Partition partition : partitions) {
        if (assigned.remove(partition)) {
          unwanted.add(partition);
        }
        yielded.remove(partition);
      }
      watchfulUntil = now.plus(WATCHFUL);
      lookAnew();
    } finally {
      lock.unlock();
    }
  }

  /** Those that are ours to read and not here. Cheap. */
  Set<Partition> awaited() {
    return awaited;
  }

  /** With the lock held. */
  private void lookAnew() {
    Set<Partition> missing = new LinkedHashSet<>(assigned);
    missing.removeAll(here);
    awaited = missing.isEmpty() ? Set.of() : Ordered.copyOf(missing);
  }

  /** Those of the awaited ones that are to be asked for now. */
  Set<Partition> missing(Moment now) {
    lock.lock();
    try {
      Set<Partition> missing = new LinkedHashSet<>(awaited);
      missing.removeIf(
          partition -> {
            Moment until = yielded.get(partition);
            return until != null && now.isBefore(until);
          });
      return missing;
    } finally {
      lock.unlock();
    }
  }

  List<Partition> here() {
    lock.lock();
    try {
      return List.copyOf(here);
    } finally {
      lock.unlock();
    }
  }

  /**
   * All rows of this partition have come.
   *
   * @return false if they have to come once more, since everything is to start over
   */
  boolean hasCome(Partition partition) {
    lock.lock();
    try {
      if (isToStartOver) {
        return false;
      }
      here.add(partition);
      lookAnew();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The rows of this partition go to another broker. If it is ours to read all the same, it is not
   * asked for before {@code back}.
   *
   * @return false if they are not here
   */
  boolean leaves(Partition partition, Moment back) {
    lock.lock();
    try {
      if (!here.remove(partition)) {
        return false;
      }
      if (assigned.contains(partition)) {
        yielded.put(partition, back);
      }
      lookAnew();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Whether other brokers are likely to want something soon. */
  boolean isWatchful(Moment now) {
    lock.lock();
    try {
      return watchfulUntil != null && now.isBefore(watchfulUntil);
    } finally {
      lock.unlock();
    }
  }

  /** Those that were revoked, until {@link #withdrawn} says that they are asked for no more. */
  List<Partition> unwanted() {
    lock.lock();
    try {
      return List.copyOf(unwanted);
    } finally {
      lock.unlock();
    }
  }

  void withdrawn(Collection<Partition> partitions) {
    lock.lock();
    try {
      unwanted.removeAll(partitions);
    } finally {
      lock.unlock();
    }
  }

  // ---------------------------------------------------------------- starting over

  /** The engine has forgotten everything. */
  void startOver() {
    lock.lock();
    try {
      isToStartOver = true;
      awaited = Ordered.copyOf(assigned);
    } finally {
      lock.unlock();
    }
  }

  boolean isToStartOver() {
    lock.lock();
    try {
      return isToStartOver;
    } finally {
      lock.unlock();
    }
  }

  /** Begins to start over: nothing is here any more. Returns what was. */
  List<Partition> startedOver() {
    lock.lock();
    try {
      isToStartOver = false;
      List<Partition> were = List.copyOf(here);
      here.clear();
      lookAnew();
      return were;
    } finally {
      lock.unlock();
    }
  }
}
