package io.taskbroker.application.dispatch;

/**
 * What a server counts of its callers' calls. Called on connections' threads: must be quick, must
 * not block and must not throw.
 */
@FunctionalInterface
public interface CallMetrics {
  /** Counts nothing. */
  CallMetrics NONE = (_, _) -> {};

  /**
   * A call has ended, whichever way.
   *
   * @param method service and method as the caller named them, so it may be anything
   */
  void ended(String method, long nanos);
}
