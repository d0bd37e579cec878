package io.taskbroker.application.rules;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.rules.Rules;
import java.util.List;
import java.util.Map;

/**
 * The rules in force, and what rules have done since the broker started.
 *
 * @param ofFile those of the file of rules
 * @param orders those that operators have ordered besides
 * @param dropped by task name how many tasks kill switches have dropped, those included that were
 *     never stored
 * @param sentOff by namespace how many tasks have left for the topic of demoted namespaces
 */
public record RulesReport(
    Rules ofFile, List<RuleOrder> orders, Map<String, Long> dropped, Map<String, Long> sentOff) {
  public RulesReport {
    orders = List.copyOf(orders);
    dropped = Ordered.copyOf(dropped);
    sentOff = Ordered.copyOf(sentOff);
  }
}
