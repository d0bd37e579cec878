package io.taskbroker.application.operations;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Status;
import io.taskbroker.domain.rules.Rules;
import java.util.Map;

/**
 * What one rule would meet among what is stored.
 *
 * @param rule one of them
 * @param byStatus how many tasks it is about, by where they stand; without those where none does
 */
public record RuleEffect(Rules rule, Map<Status, Long> byStatus) {
  public RuleEffect {
    byStatus = Ordered.copyOf(byStatus);
  }

  /**
   * How many it would drop or send off now. A demotion takes what is pending, and the rest when it
   * is. What has failed is not counted: it is over, or leaves as a dead letter.
   */
  public long tasks() {
    if (rule.killSwitch().isOff()) {
      return byStatus.getOrDefault(Status.PENDING, 0L);
    }
    return byStatus.entrySet().stream()
        .filter(one -> one.getKey() != Status.FAILURE)
        .mapToLong(Map.Entry::getValue)
        .sum();
  }
}
