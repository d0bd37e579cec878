package io.taskbroker.application.broker;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.intake.IntakeEvent;
import io.taskbroker.application.upkeep.UpkeepEvent;
import io.taskbroker.application.upkeep.UpkeepReport;
import java.util.concurrent.atomic.LongAdder;

/** Adds up what passes through, beside the metrics. Safe for all threads. */
final class FlowMeter {
  private final LongAdder received = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder retried = new LongAdder();
  private final LongAdder deadLettered = new LongAdder();
  private final LongAdder discarded = new LongAdder();
  private final LongAdder expired = new LongAdder();
  private final LongAdder deadlinesMissed = new LongAdder();

  Flow flow() {
    return new Flow(
        received.sum(),
        ended.sum(),
        retried.sum(),
        deadLettered.sum(),
        discarded.sum(),
        expired.sum(),
        deadlinesMissed.sum());
  }

  /** The same metrics, and this one counts, too. */
  BrokerMetrics beside(BrokerMetrics metrics) {
    return new BrokerMetrics(
        topic -> ofIntake(metrics.intake().apply(topic)),
        metrics.dispatch(),
        metrics.store(),
        ofUpkeep(metrics.upkeep()),
        metrics.outbox(),
        metrics.rules(),
        metrics.exchange());
  }

  private EventSink<IntakeEvent> ofIntake(EventSink<IntakeEvent> others) {
    return event -> {
      others.count(event);
      if (event instanceof IntakeEvent.Stored stored) {
        received.add(stored.rows());
      }
    };
  }

  private EventSink<UpkeepEvent> ofUpkeep(EventSink<UpkeepEvent> others) {
    return event -> {
      others.count(event);
      if (event instanceof UpkeepEvent.Passed passed) {
        add(passed.report());
      }
    };
  }

  private void add(UpkeepReport pass) {
    ended.add(pass.completed());
    retried.add(pass.retried());
    deadLettered.add(pass.deadLettered());
    discarded.add(pass.discarded());
    expired.add(pass.expired());
    deadlinesMissed.add(pass.processingDeadlineReset());
  }
}
