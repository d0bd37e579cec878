package io.taskbroker.adapters.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Series by the value of a tag, found without allocation. What others send us decides on the
 * values, so there are only so many; all further ones share one series.
 */
final class ByTag<T> {
  /** The value of the tag for those that found no room. */
  static final String OTHER = "other";

  private static final int LONGEST = 200;

  private final Map<String, T> known = new ConcurrentHashMap<>();
  private final AtomicInteger room;
  private final Function<String, T> make;

  /**
   * @param room how many more may be made; shared by all that make up one metric
   */
  ByTag(AtomicInteger room, Function<String, T> make) {
    this.room = room;
    this.make = make;
  }

  T of(String value) {
    T found = known.get(value);
    return found == null ? add(value) : found;
  }

  void forEach(Consumer<T> action) {
    known.values().forEach(action);
  }

  private T add(String value) {
    boolean enters = value.length() <= LONGEST && room.get() > 0 && room.getAndDecrement() > 0;
    return known.computeIfAbsent(enters ? value : OTHER, make);
  }
}
