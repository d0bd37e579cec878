package io.taskbroker.testkit.store;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.inflight.engine.EngineSettings;
import io.taskbroker.testkit.store.ModelRow.WaitsFor;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What time does to the rows of the {@link ModelStore}. */
final class ModelSweeps {
  private final ModelRows rows;
  private final EngineSettings settings;
  private @Nullable Activation lastExhausted;

  ModelSweeps(ModelRows rows, EngineSettings settings) {
    this.rows = rows;
    this.settings = settings;
  }

  /** Returns how many rows it was done to. */
  int sweep(Sweep kind, int limit, Moment now) {
    int done = 0;
    for (ModelRow row : rows.all()) {
      if (done < limit && sweep(kind, row, now)) {
        done++;
      }
    }
    return done;
  }

  /** Whether time has done this to the row. */
  private boolean sweep(Sweep kind, ModelRow row, Moment now) {
    Activation activation = row.activation;
    return switch (kind) {
      case DEADLINES -> missDeadline(row, now);
      case LEASES ->
          !row.isOutgoing()
              && !row.isWaiting()
              && rows.move(
                  row,
                  Lifecycle.leaseOver(row.state, now, row.deliveryOfLease()),
                  FailureCause.PUSH_UNANSWERED,
                  now);
      case ATTEMPTS -> useUpAttempts(row, now);
      case EXPIRY ->
          rows.move(
              row,
              Lifecycle.expired(row.state, activation.expiresAtMs(), now.wallMs()),
              Ending.EXPIRED);
      case DELAYS -> rows.endDelay(row, now);
      case DISCARDS ->
          rows.move(
              row, Lifecycle.discard(row.state, activation.onAttemptsExceeded()), Ending.DISCARDED);
      case COMMITTED -> rows.isCovered(row) && settleCommitted(row, now);
    };
  }

  private boolean useUpAttempts(ModelRow row, Moment now) {
    boolean usedUp =
        rows.move(
            row,
            Lifecycle.attemptsExceeded(row.state, row.attempts, settings.maxAttempts()),
            FailureCause.ATTEMPTS_USED_UP,
            now);
    if (usedUp) {
      lastExhausted = row.activation;
    }
    return usedUp;
  }

  private boolean missDeadline(ModelRow row, Moment now) {
    boolean missed =
        rows.move(
            row,
            Lifecycle.deadlineMissed(row.state, now, row.activation.delivery()),
            FailureCause.DEADLINE_MISSED,
            now);
    if (missed) {
      rows.missed(row, now);
    }
    if (missed && row.state instanceof Pending) {
      row.attempts++;
    }
    return missed;
  }

  private boolean settleCommitted(ModelRow row, Moment now) {
    if (row.state instanceof Completed) {
      rows.forgetIfOver(row);
      return true;
    }
    if (!row.isWaiting()) {
      return false;
    }
    if (row.waitsFor == WaitsFor.REDELIVERY) {
      rows.move(row, Lifecycle.overtaken(row.state), FailureCause.OVERTAKEN, now);
      rows.countOvertaken();
    }
    row.waitsFor = WaitsFor.NOTHING;
    return true;
  }

  Optional<Activation> lastExhausted() {
    return Optional.ofNullable(lastExhausted);
  }
}
