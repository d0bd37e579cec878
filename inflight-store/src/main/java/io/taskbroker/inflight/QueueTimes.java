package io.taskbroker.inflight;

import io.taskbroker.application.EventSink;
import io.taskbroker.application.store.StoreCall;
import io.taskbroker.application.store.StoreEvent;
import io.taskbroker.domain.TimeSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Tells the metrics how long calls were queued when their turn begins. */
final class QueueTimes {
  private final TimeSource time;
  private final EventSink<StoreEvent> metrics;

  QueueTimes(TimeSource time, EventSink<StoreEvent> metrics) {
    this.time = time;
    this.metrics = metrics;
  }

  void tell(CommandQueue.Work work) {
    long now = time.nanos();
    tell(firstOfEach(work.facts()), now);
    tell(work.serving(), now);
    IntakeCommand intake = work.intake();
    if (intake != null && !intake.hasBegun()) {
      tell(List.of(intake), now);
    }
    Command<?> upkeep = work.upkeep();
    if (upkeep != null) {
      tell(List.of(upkeep), now);
    }
  }

  private void tell(List<? extends StoreEvent.Queued> calls, long now) {
    if (!calls.isEmpty()) {
      metrics.count(new StoreEvent.Begun(calls, now));
    }
  }

  /** The first fact of each kind: there is one for each row. */
  private static List<Fact> firstOfEach(List<Fact> facts) {
    if (facts.isEmpty()) {
      return List.of();
    }
    Set<StoreCall> kinds = EnumSet.noneOf(StoreCall.class);
    return facts.stream().filter(fact -> kinds.add(fact.call())).toList();
  }
}
