package io.taskbroker.adapters.metrics;

import io.taskbroker.application.rules.RulesMetrics;

/** What applying the operator's rules to the store counts. */
final class RulesCounts implements RulesMetrics {
  private final Histogram kills;
  private final Counter killed;
  private final Histogram demotions;

  RulesCounts(Meters meters) {
    kills = meters.histogram("upkeep.remove_killswitched", Unit.SECONDS);
    killed = meters.counter("upkeep.killswitched_tasks");
    demotions = meters.histogram("upkeep.forward_task_demoted_namespaces", Unit.SECONDS);
  }

  @Override
  public void killed(int dropped, long nanos) {
    kills.recordNanos(nanos);
    killed.add(dropped);
  }

  @Override
  public void demoted(int rows, long nanos) {
    demotions.recordNanos(nanos);
  }
}
