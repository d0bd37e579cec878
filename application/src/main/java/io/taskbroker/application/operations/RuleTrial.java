package io.taskbroker.application.operations;

import java.util.List;

/**
 * A piece of what rules would do to what is stored now.
 *
 * @param effects of each rule, in the order of the rules; the numbers of all pieces add up
 * @param last to go on after
 * @param isLast whether there are no more pieces
 */
public record RuleTrial(List<RuleEffect> effects, long last, boolean isLast) {
  public RuleTrial {
    effects = List.copyOf(effects);
  }
}
