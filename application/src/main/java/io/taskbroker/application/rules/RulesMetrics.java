package io.taskbroker.application.rules;

/** What applying the operator's rules to the store counts. Must not block and must not throw. */
public interface RulesMetrics {
  /** Counts nothing. */
  RulesMetrics NONE = new RulesMetrics() {};

  /** Kill switches were applied to what is stored, or to one that was about to be handed out. */
  default void killed(int dropped, long nanos) {}

  /** Demotion was applied to what is stored. */
  default void demoted(int rows, long nanos) {}
}
