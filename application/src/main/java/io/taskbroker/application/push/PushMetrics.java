package io.taskbroker.application.push;

/** Counts what happens in pushing. */
@FunctionalInterface
public interface PushMetrics {
  /** Counts nothing. */
  PushMetrics NONE = _ -> {};

  /** Called on the store's and the connections' threads: must be quick, and must not throw. */
  void count(PushEvent event);
}
