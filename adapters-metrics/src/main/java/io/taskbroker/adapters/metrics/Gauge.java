package io.taskbroker.adapters.metrics;

/** A value that is what it is; told once it has been set. Safe for all threads. */
final class Gauge extends Series {
  private volatile double value = Double.NaN;

  Gauge(String name, Tags tags) {
    super(name, tags);
  }

  void set(double now) {
    value = now;
  }

  /** Not a number until it is set. */
  double value() {
    return value;
  }

  @Override
  void flush(StatsdSink sink) {
    double now = value;
    if (!Double.isNaN(now)) {
      sink.gauge(name(), now, tags());
    }
  }
}
