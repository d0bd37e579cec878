package io.taskbroker.inflight.engine;

import io.taskbroker.domain.operator.EndedPage;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.domain.operator.TaskFilter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The tasks that have ended last, in a ring: the engine's thread puts them in, and any thread reads
 * them, without a lock.
 *
 * <p>A task's number says which place it has. The place is filled before the number is published,
 * so a reader who finds the ring gone round meanwhile throws away what it has read there.
 */
public final class Endings {
  private final AtomicReferenceArray<EndedTask> places;
  private final long longestMs;

  /** How many were put in; the number of the next one. */
  private final AtomicLong numbered = new AtomicLong();

  Endings(Keeping keeping) {
    // One place more, as the one that is filled next cannot be read.
    this.places = new AtomicReferenceArray<>(keeping.ended() == 0 ? 0 : keeping.ended() + 1);
    this.longestMs = keeping.endedFor().toMillis();
  }

  /** On the engine's thread. */
  void add(EndedTask task) {
    if (places.length() == 0) {
      return;
    }
    long number = numbered.getPlain();
    places.setRelease((int) (number % places.length()), task);
    numbered.setRelease(number + 1);
  }

  /**
   * Those to which the filter applies, whatever its status, the last that ended first.
   *
   * @param ending null for any
   * @param before {@link EndedPage#next} of the piece before; 0 to begin
   */
  public EndedPage list(
      TaskFilter filter, @Nullable Ending ending, long before, int limit, long nowMs) {
    List<EndedTask> found = new ArrayList<>();
    long number = before == 0 ? numbered.getAcquire() : Math.min(before, numbered.getAcquire());
    while (number > 0) {
      EndedTask task = read(number - 1, nowMs);
      if (task == null) {
        return new EndedPage(found, 0);
      }
      if ((ending == null || ending == task.ending()) && filter.matchesNames(task.activation())) {
        if (found.size() == limit) {
          return new EndedPage(found, number);
        }
        found.add(task);
      }
      number--;
    }
    return new EndedPage(found, 0);
  }

  /** The task of this id that ended last. */
  public Optional<EndedTask> find(String id, long nowMs) {
    for (long number = numbered.getAcquire(); number > 0; number--) {
      EndedTask task = read(number - 1, nowMs);
      if (task == null) {
        return Optional.empty();
      }
      if (task.activation().id().equals(id)) {
        return Optional.of(task);
      }
    }
    return Optional.empty();
  }

  /** Null if it, and so all before it, are forgotten. */
  private @Nullable EndedTask read(long number, long nowMs) {
    if (places.length() == 0) {
      return null;
    }
    EndedTask task = places.getAcquire((int) (number % places.length()));
    boolean isGoneRound = numbered.getAcquire() >= number + places.length();
    return task == null || isGoneRound || task.endedMs() + longestMs <= nowMs ? null : task;
  }
}
