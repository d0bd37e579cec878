package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.ActivationState.Pending;
import io.taskbroker.domain.Delivery;
import io.taskbroker.domain.FailureCause;
import io.taskbroker.domain.Lifecycle;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Sweep;
import io.taskbroker.domain.Transition;
import io.taskbroker.domain.operator.Ending;
import io.taskbroker.inflight.engine.Row.Hold;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/** What time brings about, and what Kafka's acknowledgements set free. */
public final class Sweeps {
  private final Rows rows;
  private final EngineSettings settings;
  private @Nullable Activation lastExhausted;

  Sweeps(Rows rows, EngineSettings settings) {
    this.rows = rows;
    this.settings = settings;
  }

  /**
   * Does due work of one kind, at most {@code limit} rows, and says how many it changed. If the
   * turn's budget is spent afterwards there may be more to do.
   */
  public int sweep(Sweep kind, int limit, Moment now) {
    rows.indexes.at(now);
    rows.indexes.demand.judge(rows.budget());
    if (kind == Sweep.DELAYS) {
      rows.free(limit, now);
    } else if (kind == Sweep.DISCARDS) {
      forgetKept(limit, now);
    }
    int done = 0;
    while (done < limit && !rows.budget().isSpent() && sweepOne(kind, now)) {
      done++;
    }
    if (kind == Sweep.DELAYS) {
      rows.indexes.timers.drawNear(now.wallMs(), rows.budget(), rows.indexes.demand);
    }
    return done;
  }

  private boolean sweepOne(Sweep kind, Moment now) {
    return switch (kind) {
      case DEADLINES -> sweepDeadline(now);
      case LEASES -> sweepLease(now);
      case ATTEMPTS -> sweepAttempts(now);
      case EXPIRY -> sweepExpiry(now);
      case DELAYS -> rows.endDelay(now);
      case DISCARDS -> sweepDiscard();
      case COMMITTED -> sweepCommitted(now);
    };
  }

  private boolean sweepDeadline(Moment now) {
    Row row = rows.indexes.timers.dueDeadline(now);
    if (row == null) {
      return false;
    }
    Transition transition = Lifecycle.deadlineMissed(row.state, now, row.activation.delivery());
    if (rows.move(row, transition, FailureCause.DEADLINE_MISSED, now.wallMs())) {
      rows.missed(row);
      if (row.state instanceof Pending) {
        rows.change(row, missed -> missed.attempts++);
      }
    }
    return true;
  }

  private boolean sweepLease(Moment now) {
    Row row = rows.indexes.timers.dueLease(now);
    // A push that never began cannot have reached a worker.
    return row != null
        && rows.move(
            row,
            Lifecycle.leaseOver(
                row.state, now, row.sent ? row.activation.delivery() : Delivery.AT_LEAST_ONCE),
            FailureCause.PUSH_UNANSWERED,
            now.wallMs());
  }

  private boolean sweepAttempts(Moment now) {
    Row row = first(rows.indexes.exhausted);
    if (row == null) {
      return false;
    }
    lastExhausted = row.activation;
    return rows.move(
        row,
        Lifecycle.attemptsExceeded(row.state, row.attempts, settings.maxAttempts()),
        FailureCause.ATTEMPTS_USED_UP,
        now.wallMs());
  }

  /** The activation that has used up its attempts last; null if none has. */
  public @Nullable Activation lastExhausted() {
    return lastExhausted;
  }

  private boolean sweepExpiry(Moment now) {
    Row row = rows.indexes.timers.dueExpiry(now.wallMs());
    return row != null
        && rows.move(
            row,
            Lifecycle.expired(row.state, row.activation.expiresAtMs(), now.wallMs()),
            Ending.EXPIRED);
  }

  private boolean sweepDiscard() {
    Row row = first(rows.indexes.discardable);
    if (row == null) {
      return false;
    }
    if (rows.indexes.kept.keeps()) {
      rows.keep(row);
      return true;
    }
    return discard(row);
  }

  private boolean discard(Row row) {
    return rows.move(
        row, Lifecycle.discard(row.state, row.activation.onAttemptsExceeded()), Ending.DISCARDED);
  }

  /** Failed rows that were kept long enough, or are more than are kept; at most {@code limit}. */
  private void forgetKept(int limit, Moment now) {
    KeptFailures kept = rows.indexes.kept;
    int forgotten = 0;
    for (Row row = kept.firstOver(now.wallMs());
        row != null && forgotten < limit && !rows.budget().isSpent() && discard(row);
        row = kept.firstOver(now.wallMs())) {
      forgotten++;
    }
  }

  private static @Nullable Row first(SortedSet<Row> rows) {
    return rows.isEmpty() ? null : rows.first();
  }

  private boolean sweepCommitted(Moment now) {
    Row row = rows.indexes.coverage.firstCovered();
    if (row == null) {
      return false;
    }
    if (row.state instanceof Completed) {
      rows.change(row, _ -> {}); // it is covered now, so this ends its stay
    } else if (row.hold == Hold.UNTIL_REDELIVERED) {
      rows.change(row, late -> late.hold = Hold.NONE);
      rows.move(row, Lifecycle.overtaken(row.state), FailureCause.OVERTAKEN, now.wallMs());
      rows.countOvertaken();
    } else {
      rows.change(row, freed -> freed.hold = Hold.NONE);
    }
    return true;
  }
}
