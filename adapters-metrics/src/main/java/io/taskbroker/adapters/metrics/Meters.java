package io.taskbroker.adapters.metrics;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes series, and knows them all. Safe for all threads. */
final class Meters {
  /** Series of one metric; more would be of no use to anybody. */
  private static final int MOST_OF_ONE = 2_000;

  /** What is being made by a thread; null while nothing is. */
  private static final ThreadLocal<@Nullable List<Series>> MADE = new ThreadLocal<>();

  private final ConcurrentLinkedQueue<Series> all = new ConcurrentLinkedQueue<>();

  private final AtomicInteger flushes = new AtomicInteger();
  private final List<Consumer<StatsdSink>> samples = new CopyOnWriteArrayList<>();

  Counter counter(String name, String... tags) {
    return add(new Counter(name, Tags.of(tags), false));
  }

  /** A counter that is told also when nothing has happened. */
  Counter constant(String name, String... tags) {
    return add(new Counter(name, Tags.of(tags), true));
  }

  Gauge gauge(String name, String... tags) {
    return add(new Gauge(name, Tags.of(tags)));
  }

  Histogram histogram(String name, Unit unit, String... tags) {
    return add(new Histogram(name, Tags.of(tags), unit, 2));
  }

  /** One of many: coarser, and so smaller. */
  Histogram coarse(String name, Unit unit, String... tags) {
    return add(new Histogram(name, Tags.of(tags), unit, 1));
  }

  <T> ByTag<T> by(Function<String, T> make) {
    return new ByTag<>(new Room(this, MOST_OF_ONE), make);
  }

  /** As {@link #by}, by two tags. */
  <T> ByTag<ByTag<T>> byTwo(Function<String, Function<String, T>> make) {
    var room = new Room(this, MOST_OF_ONE);
    return new ByTag<>(room, first -> new ByTag<>(room, make.apply(first)));
  }

  /**
   * As {@link #byThree}; a value that has not come for a minute makes room already, so that one
   * that comes often finds some soon, however many came once before it.
   */
  <T> ByTag<ByTag<ByTag<T>>> byThreeInUse(
      Function<String, Function<String, Function<String, T>>> make) {
    return byThree(new Room(this, MOST_OF_ONE, Room.BUSY_FLUSHES), make);
  }

  /** As {@link #byThreeInUse}, by four tags. */
  <T> ByTag<ByTag<ByTag<ByTag<T>>>> byFourInUse(
      Function<String, Function<String, Function<String, Function<String, T>>>> make) {
    var room = new Room(this, MOST_OF_ONE, Room.BUSY_FLUSHES);
    return byThree(
        room,
        first ->
            second -> third -> new ByTag<>(room, make.apply(first).apply(second).apply(third)));
  }

  /** As {@link #by}, by three tags. */
  <T> ByTag<ByTag<ByTag<T>>> byThree(Function<String, Function<String, Function<String, T>>> make) {
    return byThree(new Room(this, MOST_OF_ONE), make);
  }

  private static <T> ByTag<ByTag<ByTag<T>>> byThree(
      Room room, Function<String, Function<String, Function<String, T>>> make) {
    return new ByTag<>(
        room,
        first -> new ByTag<>(room, second -> new ByTag<>(room, make.apply(first).apply(second))));
  }

  private <T extends Series> T add(T series) {
    all.add(series);
    List<Series> making = MADE.get();
    if (making != null) {
      making.add(series);
    }
    return series;
  }

  /** Makes something, and tells which series were made for it. */
  <T, E> E making(Supplier<T> make, BiFunction<T, List<Series>, E> then) {
    List<Series> outer = MADE.get();
    List<Series> own = new ArrayList<>();
    MADE.set(own);
    try {
      return then.apply(make.get(), own);
    } finally {
      MADE.set(outer);
    }
  }

  void forget(List<Series> series) {
    all.removeAll(series);
  }

  /** How often it has been flushed; a clock for what is idle. */
  int flushes() {
    return flushes.get();
  }

  /** Something that is asked for gauges each time; it may know others by then. */
  void sample(Consumer<StatsdSink> sample) {
    samples.add(sample);
  }

  Iterable<Series> all() {
    return all;
  }

  /** Tells what has changed since the last call. Called by one thread. */
  void flush(StatsdSink sink) {
    all.forEach(series -> series.flush(sink));
    ask(sink);
    flushes.incrementAndGet();
  }

  /** Tells the gauges of those who are asked. */
  void ask(StatsdSink sink) {
    samples.forEach(sample -> sample.accept(sink));
  }
}
