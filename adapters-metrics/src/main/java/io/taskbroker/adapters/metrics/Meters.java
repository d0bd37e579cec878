package io.taskbroker.adapters.metrics;

import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Function;

/** Makes series, and knows them all. Safe for all threads. */
final class Meters {
  /** Series of one metric; more would be of no use to anybody. */
  private static final int MOST_OF_ONE = 2_000;

  private final ConcurrentLinkedQueue<Series> all = new ConcurrentLinkedQueue<>();
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
    return new ByTag<>(new AtomicInteger(MOST_OF_ONE), make);
  }

  /** As {@link #by}, by two tags. */
  <T> ByTag<ByTag<T>> byTwo(Function<String, Function<String, T>> make) {
    var room = new AtomicInteger(MOST_OF_ONE);
    return new ByTag<>(room, first -> new ByTag<>(room, make.apply(first)));
  }

  /** As {@link #by}, by three tags. */
  <T> ByTag<ByTag<ByTag<T>>> byThree(Function<String, Function<String, Function<String, T>>> make) {
    var room = new AtomicInteger(MOST_OF_ONE);
    return new ByTag<>(
        room,
        first -> new ByTag<>(room, second -> new ByTag<>(room, make.apply(first).apply(second))));
  }

  private <T extends Series> T add(T series) {
    all.add(series);
    return series;
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
  }

  /** Tells the gauges of those who are asked. */
  void ask(StatsdSink sink) {
    samples.forEach(sample -> sample.accept(sink));
  }
}
