package io.taskbroker.adapters.metrics;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.rules.RulesEvent;
import java.time.Duration;

/** What applying the operator's rules to the store counts. */
final class RulesCounts implements EventSink<RulesEvent> {
  private final Histogram kills;
  private final Counter killed;
  private final Histogram demotions;

  RulesCounts(Meters meters) {
    kills = meters.histogram("upkeep.remove_killswitched", Unit.SECONDS);
    killed = meters.counter("upkeep.killswitched_tasks");
    demotions = meters.histogram("upkeep.forward_task_demoted_namespaces", Unit.SECONDS);
  }

  @Override
  public void count(RulesEvent event) {
    switch (event) {
      case RulesEvent.Killed(int rows, Duration took) -> {
        kills.recordNanos(took.toNanos());
        killed.add(rows);
      }
      case RulesEvent.Demoted(int _, Duration took) -> demotions.recordNanos(took.toNanos());
    }
  }
}
