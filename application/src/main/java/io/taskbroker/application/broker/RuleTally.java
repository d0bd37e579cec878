package io.taskbroker.application.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.rules.RuleOrders;
import io.taskbroker.application.rules.RulesReport;
import io.taskbroker.application.rules.RuntimeRules;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.rules.KillSwitch;
import io.taskbroker.domain.rules.Rules;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * Adds up what rules do, beside the metrics, by the names that the rules have. Names that no rule
 * has any more are kept, too, until there are very many. Safe for all threads.
 */
final class RuleTally {
  /** With more names, those are forgotten that no rule in force has. */
  private static final int MANY_NAMES = 1_000;

  private final Counts dropped = new Counts(RuleTally::killed);
  private final Counts sentOff = new Counts(rules -> rules.demotion().namespaces());
  private volatile RuntimeRules inForce = () -> Rules.NONE;

  /** These rules are in force from here on. */
  void follow(RuntimeRules rules) {
    inForce = rules;
  }

  synchronized RulesReport report(RuleOrders rules) {
    return new RulesReport(rules.ofFile(), rules.orders(), dropped.byName, sentOff.byName);
  }

  private static Set<String> killed(Rules rules) {
    Set<String> names = new LinkedHashSet<>(rules.killSwitch().tasknames());
    rules.killSwitch().selectors().forEach(selector -> names.add(selector.taskname()));
    return names;
  }

  /** Guarded by the tally. */
  private static final class Counts {
    private final Map<String, Long> byName = new TreeMap<>();
    private final Function<Rules, Set<String>> namesOf;
    private int many = MANY_NAMES;

    Counts(Function<Rules, Set<String>> namesOf) {
      this.namesOf = namesOf;
    }

    /** Looks at all names only after they have doubled, as this is the store's thread. */
    void add(String name, RuntimeRules inForce) {
      byName.merge(name, 1L, Long::sum);
      if (byName.size() > many) {
        Set<String> named = namesOf.apply(inForce.current());
        byName.keySet().removeIf(one -> !named.contains(one));
        many = Math.max(MANY_NAMES, 2 * byName.size());
      }
    }
  }

  /** The same metrics, and this one counts, too. */
  BrokerMetrics beside(BrokerMetrics metrics) {
    return new BrokerMetrics(
        topic -> ofIntake(metrics.intake().apply(topic)),
        metrics.dispatch(),
        ofStore(metrics.store()),
        metrics.upkeep(),
        metrics.outbox(),
        metrics.rules(),
        metrics.exchange());
  }

  private EventSink<IntakeEvent> ofIntake(EventSink<IntakeEvent> others) {
    return event -> {
      others.count(event);
      if (event instanceof IntakeEvent.Judged judged && judged.match() != KillSwitch.Match.NONE) {
        add(dropped, judged.activation().taskname());
      }
    };
  }

  private EventSink<StoreEvent> ofStore(EventSink<StoreEvent> others) {
    return event -> {
      others.count(event);
      if (event instanceof StoreEvent.Ended ended) {
        ended.tasks().forEach(this::add);
      }
    };
  }

  private void add(EndedTask task) {
    switch (task.ending()) {
      case DROPPED -> add(dropped, task.activation().taskname());
      case FORWARDED -> add(sentOff, task.activation().namespace());
      case COMPLETED, RETRIED, DEAD_LETTERED, DISCARDED, EXPIRED, CANCELLED, UNDELIVERABLE -> {}
    }
  }

  private synchronized void add(Counts counts, String name) {
    counts.add(name, inForce);
  }
}
