package io.taskbroker.adapters.metrics;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Series by the value of a tag, found without allocation. What others send us decides on the
 * values, so there are only so many. When there is no room, values that have not come for a while
 * make some; until then further ones share one series.
 */
final class ByTag<T> {
  /** The value of the tag for those that found no room. */
  static final String OTHER = "other";

  private static final int LONGEST = 200;

  private final Map<String, Entry<T>> known = new ConcurrentHashMap<>();
  private final Room room;
  private final Function<String, T> make;

  private static final class Entry<T> {
    private final T made;
    private final List<Series> series;
    private volatile int lastUse;

    Entry(T made, List<Series> series, int now) {
      this.made = made;
      this.series = series;
      this.lastUse = now;
    }

    T use(int now) {
      if (lastUse != now) {
        lastUse = now;
      }
      return made;
    }
  }

  /**
   * @param room how many more may be made; shared by all that make up one metric
   */
  ByTag(Room room, Function<String, T> make) {
    this.room = room;
    this.make = make;
    room.watch(this);
  }

  T of(String value) {
    Entry<T> found = known.get(value);
    return found == null ? add(value) : found.use(room.now());
  }

  void forEach(Consumer<T> action) {
    known.values().forEach(entry -> action.accept(entry.made));
  }

  private T add(String value) {
    boolean enters = value.length() <= LONGEST && room.take();
    int now = room.now();
    return known
        .computeIfAbsent(
            enters ? value : OTHER,
            name -> room.making(() -> make.apply(name), (made, own) -> new Entry<>(made, own, now)))
        .use(now);
  }

  /**
   * Gives up what has not been used since {@code before}, and what is empty. Whoever just took such
   * a series loses what is counted on it.
   *
   * @return how many have made room
   */
  int giveUpIdle(int before) {
    int freed = 0;
    for (var entry : List.copyOf(known.entrySet())) {
      boolean isIdle = entry.getValue().lastUse - before < 0 && !entry.getKey().equals(OTHER);
      boolean isInUse = entry.getValue().made instanceof ByTag<?> inner && !inner.known.isEmpty();
      if (isIdle && !isInUse && known.remove(entry.getKey(), entry.getValue())) {
        room.forget(entry.getValue().series);
        if (entry.getValue().made instanceof ByTag<?> inner) {
          room.unwatch(inner);
        }
        freed++;
      }
    }
    return freed;
  }
}
