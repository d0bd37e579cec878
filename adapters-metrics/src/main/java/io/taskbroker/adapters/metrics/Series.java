package io.taskbroker.adapters.metrics;

/** One metric with one set of tags. */
abstract sealed class Series permits Counter, Gauge, Histogram {
  private final String name;
  private final Tags tags;

  Series(String name, Tags tags) {
    this.name = name;
    this.tags = tags;
  }

  String name() {
    return name;
  }

  Tags tags() {
    return tags;
  }

  /** Tells what has changed since the last call. Called by one thread. */
  abstract void flush(StatsdSink sink);
}
