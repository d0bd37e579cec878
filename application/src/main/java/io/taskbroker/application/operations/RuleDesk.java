package io.taskbroker.application.operations;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.rules.ArgumentReader;
import io.taskbroker.application.rules.RuleOrder;
import io.taskbroker.application.rules.RuleOrders;
import io.taskbroker.application.rules.RuleWords;
import io.taskbroker.domain.rules.Rules;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What operators do with rules: try them, put them in force beside those of the file, and end them.
 * Orders are kept in the audit. All methods block until done. Safe for any number of threads.
 */
public final class RuleDesk {
  private final RuleOrders orders;
  private final RuleTrials trials;
  private final Operations operations;

  public RuleDesk(RuleOrders orders, ArgumentReader arguments, Operations operations) {
    this.orders = orders;
    this.trials = new RuleTrials(operations.tasks(), arguments);
    this.operations = operations;
  }

  /**
   * What a text says, in the language of the file of rules.
   *
   * @throws IllegalArgumentException if anything in it is wrong
   */
  public Rules read(String text) {
    return orders.read(text);
  }

  /**
   * Says what rules would drop and send off now, a piece of what is stored at a time. Nothing is
   * changed.
   *
   * @param after {@link RuleTrial#last} of the piece before; 0 to begin
   * @throws StoreException if it cannot be read now
   */
  public RuleTrial wouldDo(Rules rules, long after) {
    return trials.piece(rules, after);
  }

  /**
   * Puts a rule in force, also over a restart. It takes the place of an earlier order of the same
   * rule.
   *
   * @param untilMs Unix milliseconds; null to keep it until somebody ends it
   * @throws IllegalArgumentException if the text is not one rule, or the rule could do nothing
   * @throws StoreException if it was not done
   */
  public RuleOrder set(Order by, String text, @Nullable Long untilMs) {
    Rules rule = orders.read(text); // a text that is no rule is no order yet
    return operations.order(
        by,
        "%s until %s"
            .formatted(
                RuleWords.of(rule), untilMs == null ? "ended" : Instant.ofEpochMilli(untilMs)),
        () -> orders.set(text, by.actor(), by.reason(), untilMs),
        order -> "in force as order " + order.id());
  }

  /**
   * Ends an order.
   *
   * @return false if none of this id is in force
   * @throws StoreException if it was not done
   */
  public boolean end(Order by, String id) {
    String words =
        orders.orders().stream()
            .filter(order -> order.id().equals(id))
            .map(order -> ": " + RuleWords.of(order.rule()))
            .findFirst()
            .orElse("");
    return operations.order(
        by,
        "end the order of rules '%s'%s".formatted(id, words),
        () -> orders.end(id),
        ended -> ended ? "ended" : "was not in force");
  }
}
