package io.taskbroker.application.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.exchange.ExchangeEvent;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.rules.RulesEvent;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.application.upkeep.OutboxEvent;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.domain.TimeSource;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * Who counts what the parts of the broker do.
 *
 * @param intake for each topic who counts its intake
 * @param dispatch makes of a dispatch side one that is measured. What it makes passes each call on
 *     and answers as the call does, whatever becomes of the counting
 */
public record BrokerMetrics(
    Function<String, EventSink<IntakeEvent>> intake,
    UnaryOperator<DispatchStore> dispatch,
    EventSink<StoreEvent> store,
    EventSink<UpkeepEvent> upkeep,
    EventSink<OutboxEvent> outbox,
    EventSink<RulesEvent> rules,
    EventSink<ExchangeEvent> exchange) {
  /** Nobody. */
  public static final BrokerMetrics NONE =
      new BrokerMetrics(
          _ -> EventSink.none(),
          UnaryOperator.identity(),
          EventSink.none(),
          EventSink.none(),
          EventSink.none(),
          EventSink.none(),
          EventSink.none());

  /** The same, with upkeep counted by {@code other}. */
  public BrokerMetrics withUpkeep(EventSink<UpkeepEvent> other) {
    return new BrokerMetrics(intake, dispatch, store, other, outbox, rules, exchange);
  }

  /** The same, with the store counted by {@code other}. */
  BrokerMetrics withStore(EventSink<StoreEvent> other) {
    return new BrokerMetrics(intake, dispatch, other, upkeep, outbox, rules, exchange);
  }

  /** The same, but none of them can break what it counts. */
  BrokerMetrics careful(TimeSource time) {
    return new BrokerMetrics(
        topic -> EventSink.careful("the intake of topic " + topic, intake.apply(topic), time),
        dispatch,
        EventSink.careful("the store", store, time),
        EventSink.careful("upkeep", upkeep, time),
        EventSink.careful("what leaves through Kafka", outbox, time),
        EventSink.careful("what rules do", rules, time),
        EventSink.careful("what workers say of attempts", exchange, time));
  }
}
