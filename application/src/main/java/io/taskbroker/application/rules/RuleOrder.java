package io.taskbroker.application.rules;

import io.taskbroker.domain.rules.Rules;
import org.jspecify.annotations.Nullable;

/**
 * A rule that an operator has ordered, beside those of the file.
 *
 * @param id by which it is ended
 * @param text the rule as it was written down
 * @param rule the same, understood: one kill switch, or one namespace that is demoted
 * @param by who has ordered it
 * @param reason why, in that person's words; may be empty
 * @param sinceMs Unix milliseconds
 * @param untilMs when it ends by itself, Unix milliseconds; null if it does not
 */
public record RuleOrder(
    String id,
    String text,
    Rules rule,
    String by,
    String reason,
    long sinceMs,
    @Nullable Long untilMs) {
  /** Of the name of who has ordered it, and of the reason. */
  static final int MOST_CHARACTERS = 500;

  /** Of the rule as it is written down. */
  static final int LONGEST_RULE = 2_000;

  public RuleOrder {
    if (rule.size() != 1) {
      throw new IllegalArgumentException(
          "an order has one rule, and this text has %d".formatted(rule.size()));
    }
    if (rule.demotion().topic() != null || rule.demotion().cluster() != null) {
      throw new IllegalArgumentException(
          "demoted_topic and demoted_topic_cluster are said in the file of rules, and hold for"
              + " orders, too");
    }
    if (!id.matches("[0-9a-z]{1,12}")) {
      throw new IllegalArgumentException("'%s' is no id of an order".formatted(id));
    }
    if (text.length() > LONGEST_RULE
        || by.length() > MOST_CHARACTERS
        || reason.length() > MOST_CHARACTERS) {
      throw new IllegalArgumentException(
          "a rule has at most %d characters, its reason and the name of who orders it %d"
              .formatted(LONGEST_RULE, MOST_CHARACTERS));
    }
  }

  /** Whether it has ended by itself. */
  public boolean isOver(long nowMs) {
    return untilMs != null && untilMs <= nowMs;
  }

  /** Its place among the orders. */
  long number() {
    return Long.parseLong(id, Character.MAX_RADIX);
  }

  static String idOf(long number) {
    return Long.toString(number, Character.MAX_RADIX);
  }
}
