package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.broker.Broker;
import io.taskbroker.application.operations.Order;
import io.taskbroker.application.operations.RuleTrial;
import io.taskbroker.application.rules.RuleOrder;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.Times;
import io.taskbroker.domain.rules.Demotion;
import io.taskbroker.domain.rules.Rules;
import java.util.List;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/** What operators do with rules. */
final class RuleControls {
  /** A file of rules that is tried; an order is as long as any other text. */
  private static final int LONGEST_TRIED = 60_000;

  private final Broker broker;
  private final ListTurns turns;
  private final Contents contents;
  private final TimeSource time;

  /**
   * @param contents knows who may ask for tasks by their arguments
   */
  RuleControls(Broker broker, ListTurns turns, Contents contents, TimeSource time) {
    this.broker = broker;
    this.turns = turns;
    this.contents = contents;
    this.time = time;
  }

  List<Endpoint> endpoints() {
    return List.of(
        Endpoint.post("/api/v1/rules/try", this::attempt),
        Endpoint.post("/api/v1/rules", this::set),
        Endpoint.post("/api/v1/rules/end", this::end));
  }

  private Object attempt(Actor actor, Fields said) {
    String text = said.neededText("rules", LONGEST_TRIED);
    long after = said.number("after", 0, 0, Long.MAX_VALUE);
    said.end();
    Rules rules = understood("rules", said, () -> broker.ruleDesk().read(text));
    if (!rules.killSwitch().selectors().isEmpty()) {
      contents.admit(actor); // numbers would tell what arguments are
    }
    RuleTrial trial = turns.take(actor, () -> broker.ruleDesk().wouldDo(rules, after));
    return Json.object(
        "dry_run",
        true,
        "effects",
        trial.effects().stream().map(effect -> RuleViews.of(effect, target(rules))).toList(),
        "last",
        trial.last(),
        "is_last",
        trial.isLast());
  }

  /** Where a text itself says, or else the file. */
  private Demotion target(Rules said) {
    return said.demotion().topic() == null && said.demotion().cluster() == null
        ? broker.rules().ofFile().demotion()
        : said.demotion();
  }

  private Object set(Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    String text = said.needed("rule");
    long seconds = said.number("for_seconds", 0, 0, Orders.LONGEST_PAUSE_SECONDS);
    said.end();
    Long until = untilOf(seconds);
    RuleOrder given = understood("rule", said, () -> broker.ruleDesk().set(order, text, until));
    return Json.object(
        "rule",
        RuleViews.of(given.rule(), broker.rules().ofFile().demotion(), false),
        "order",
        RuleViews.of(given));
  }

  private @Nullable Long untilOf(long seconds) {
    return seconds == 0 ? null : Times.plus(time.now().wallMs(), seconds * 1_000);
  }

  private static <T> T understood(String name, Fields said, Supplier<T> read) {
    try {
      return read.get();
    } catch (IllegalArgumentException e) {
      throw said.wrong(name, "cannot be used: " + e.getMessage());
    }
  }

  private Object end(Actor actor, Fields said) {
    Order order = Orders.order(actor, said);
    String id = said.needed("id");
    said.end();
    if (!broker.ruleDesk().end(order, id)) {
      throw new Refusal(
          HttpStatus.NOT_FOUND_404, "No order of rules '%s' is in force".formatted(id));
    }
    return Json.object("ended", true);
  }
}
