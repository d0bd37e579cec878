package io.taskbroker.application.broker;

import io.taskbroker.application.dispatch.DispatchMetrics;
import io.taskbroker.application.intake.IntakeMetrics;
import io.taskbroker.application.rules.RulesMetrics;
import io.taskbroker.application.store.StoreMetrics;
import io.taskbroker.application.upkeep.OutboxMetrics;
import io.taskbroker.application.upkeep.UpkeepMetrics;

/** Who counts what the parts of the broker do. */
public record BrokerMetrics(
    IntakeMetrics intake,
    DispatchMetrics dispatch,
    StoreMetrics store,
    UpkeepMetrics upkeep,
    OutboxMetrics outbox,
    RulesMetrics rules) {
  /** Nobody. */
  public static final BrokerMetrics NONE =
      new BrokerMetrics(
          IntakeMetrics.NONE,
          DispatchMetrics.NONE,
          StoreMetrics.NONE,
          UpkeepMetrics.NONE,
          OutboxMetrics.NONE,
          RulesMetrics.NONE);

  /** The same, with upkeep counted by somebody else. */
  public BrokerMetrics withUpkeep(UpkeepMetrics other) {
    return new BrokerMetrics(intake, dispatch, store, other, outbox, rules);
  }
}
