package io.taskbroker.application.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.rules.RuleOrders;
import io.taskbroker.application.rules.RulesReport;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.operator.EndedTask;
import io.taskbroker.domain.rules.KillSwitch;
import java.util.Map;
import java.util.TreeMap;

/**
 * Adds up what rules do, beside the metrics, by the names that the rules have. There are as many
 * names as rules have had since the start, and at most {@link #MOST_NAMES}. Safe for all threads.
 */
final class RuleTally {
  private static final int MOST_NAMES = 1_000;

  private final Map<String, Long> dropped = new TreeMap<>();
  private final Map<String, Long> sentOff = new TreeMap<>();

  synchronized RulesReport report(RuleOrders rules) {
    return new RulesReport(rules.ofFile(), rules.orders(), dropped, sentOff);
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

  private synchronized void add(Map<String, Long> counts, String name) {
    if (counts.size() < MOST_NAMES || counts.containsKey(name)) {
      counts.merge(name, 1L, Long::sum);
    }
  }
}
