package io.taskbroker.adapters.metrics;

import java.util.concurrent.atomic.LongAdder;

/** A number of events. Safe for all threads. */
final class Counter extends Series {
  private final LongAdder total = new LongAdder();
  private final boolean evenIfZero;
  private long told;

  /**
   * @param evenIfZero whether it is told also when nothing happened
   */
  Counter(String name, Tags tags, boolean evenIfZero) {
    super(name, tags);
    this.evenIfZero = evenIfZero;
  }

  void add(long events) {
    total.add(events);
  }

  void one() {
    total.increment();
  }

  long total() {
    return total.sum();
  }

  @Override
  void flush(StatsdSink sink) {
    long now = total.sum();
    if (now != told || evenIfZero) {
      sink.count(name(), now - told, tags());
      told = now;
    }
  }
}
