package io.taskbroker.adapters.metrics;

/** Takes what has been counted since the last time. Used by one thread. */
interface StatsdSink {
  void count(String name, long delta, Tags tags);

  void gauge(String name, double value, Tags tags);

  /** So many values like this one. */
  void histogram(String name, double value, long times, Tags tags);
}
