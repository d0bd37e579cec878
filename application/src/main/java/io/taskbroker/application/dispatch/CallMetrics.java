package io.taskbroker.application.dispatch;

/**
 * Counts the calls that a server takes. It is called on the threads of the connections, by several
 * of them at once: it is quick, and it never blocks. What it throws reaches no caller.
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
