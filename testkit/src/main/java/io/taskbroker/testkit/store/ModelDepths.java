package io.taskbroker.testkit.store;

import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Depths;
import io.taskbroker.domain.Lane;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Status;
import java.util.function.Predicate;

/** How many rows of the {@link ModelStore} are in which state. */
final class ModelDepths {
  private final ModelRows rows;

  ModelDepths(ModelRows rows) {
    this.rows = rows;
  }

  Depths at(Moment now, ModelDemand demand) {
    long horizon = now.plus(Backpressure.FAR).wallMs();
    return new Depths(
        count(Status.PENDING, _ -> true),
        count(Status.DELAY, row -> !isBeyond(row, horizon)),
        count(Status.DELAY, row -> isBeyond(row, horizon)),
        count(Status.CLAIMED, row -> ModelRows.laneOf(row) != Lane.DEMOTION),
        count(Status.CLAIMED, row -> ModelRows.laneOf(row) == Lane.DEMOTION),
        count(Status.PROCESSING, _ -> true),
        count(Status.RETRY, _ -> true),
        count(Status.FAILURE, row -> !row.activation.isBadRecord()),
        0, // it keeps none
        (int) rows.where(row -> ModelRows.laneOf(row) != null && row.parked == null).count(),
        (int) rows.where(row -> row.parked != null).count(),
        count(Status.PENDING, ModelRow::isWaiting),
        count(Status.COMPLETE, _ -> true),
        count(Status.PENDING, row -> demand.isUncounted(row, now)),
        count(Status.DELAY, row -> !isBeyond(row, horizon) && demand.isUncounted(row, now)),
        rows.payloadBytes(),
        rows.all().size() * 1024L);
  }

  private int count(Status status, Predicate<ModelRow> condition) {
    return (int) rows.where(row -> row.state.status() == status && condition.test(row)).count();
  }

  private static boolean isBeyond(ModelRow row, long horizonMs) {
    return row.state instanceof Delayed(long untilMs) && untilMs > horizonMs;
  }
}
