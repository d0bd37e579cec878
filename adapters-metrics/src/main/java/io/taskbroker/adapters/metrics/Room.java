package io.taskbroker.adapters.metrics;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** How many more series one metric may have. Safe for all threads. */
final class Room {
  /** Flushes without a use, one a second, after which a series may make room for another. */
  static final int IDLE_FLUSHES = 600;

  /** The same where values that come once must not keep out those that come often. */
  static final int BUSY_FLUSHES = 60;

  private final Meters meters;
  private final int idleFlushes;
  private final AtomicInteger left;
  private final AtomicInteger lastSearch;
  private final Queue<ByTag<?>> sharers = new ConcurrentLinkedQueue<>();

  Room(Meters meters, int most) {
    this(meters, most, IDLE_FLUSHES);
  }

  /**
   * @param idleFlushes after which a series that was not used may make room
   */
  Room(Meters meters, int most, int idleFlushes) {
    this.meters = meters;
    this.idleFlushes = idleFlushes;
    this.left = new AtomicInteger(most);
    this.lastSearch = new AtomicInteger(meters.flushes());
  }

  /** Counts flushes. */
  int now() {
    return meters.flushes();
  }

  /** Takes a place; false if there is none. */
  boolean take() {
    return tryTake() || (search() && tryTake());
  }

  private boolean tryTake() {
    return left.getAndUpdate(places -> Math.max(0, places - 1)) > 0;
  }

  /** Looks for idle series, once for each flush. */
  private boolean search() {
    int now = now();
    int before = lastSearch.get();
    if (before == now || !lastSearch.compareAndSet(before, now)) {
      return false;
    }
    int freed = sharers.stream().mapToInt(tags -> tags.giveUpIdle(now - idleFlushes)).sum();
    left.addAndGet(freed);
    return freed > 0;
  }

  void watch(ByTag<?> tags) {
    sharers.add(tags);
  }

  void unwatch(ByTag<?> tags) {
    sharers.remove(tags);
  }

  /** Makes something, and tells which series were made for it. */
  <T, E> E making(Supplier<T> make, BiFunction<T, List<Series>, E> then) {
    return meters.making(make, then);
  }

  void forget(List<Series> series) {
    meters.forget(series);
  }
}
