package io.taskbroker.application.rules;

import java.time.Duration;

/** One thing that happened in applying the operators' rules to stored tasks, and is counted. */
public sealed interface RulesEvent {
  /**
   * Kill switches were applied, either to all that is stored or to one task at its hand-out.
   *
   * @param rows how many were dropped
   */
  record Killed(int rows, Duration took) implements RulesEvent {}

  /**
   * Demotions were applied to a piece of what is stored.
   *
   * @param rows how many will leave for the topic of demoted namespaces
   */
  record Demoted(int rows, Duration took) implements RulesEvent {}
}
