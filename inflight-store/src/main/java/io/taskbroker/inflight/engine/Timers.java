package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Claimed;
import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.ActivationState.Processing;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Times;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/** Rows ordered by the time at which something is due for them. */
final class Timers {
  final NavigableSet<Row> deadlines = by(row -> ((Processing) row.state).deadline().monotonicMs());
  final NavigableSet<Row> leases = by(row -> ((Claimed) row.state).leaseEnd().monotonicMs());
  final NavigableSet<Row> expiry = by(Timers::expiresAtMs);

  /** Due within {@link Backpressure#FAR}, when it was last looked at. */
  final NavigableSet<Row> delays = by(row -> ((Delayed) row.state).untilMs());

  final NavigableSet<Row> farDelays = by(row -> ((Delayed) row.state).untilMs());

  private static NavigableSet<Row> by(ToLongFunction<Row> dueAt) {
    return new TreeSet<>(Row.by(dueAt));
  }

  void addDelay(Row row, long nowMs) {
    boolean far = ((Delayed) row.state).untilMs() > Times.plus(nowMs, Backpressure.FAR.toMillis());
    (far ? farDelays : delays).add(row);
  }

  void removeDelay(Row row) {
    if (!delays.remove(row)) {
      farDelays.remove(row);
    }
  }

  /** Moves what is now due within the hour to where the limit on delayed rows counts it. */
  void drawNear(long nowMs) {
    long horizon = Times.plus(nowMs, Backpressure.FAR.toMillis());
    while (!farDelays.isEmpty() && ((Delayed) farDelays.first().state).untilMs() <= horizon) {
      delays.add(farDelays.pollFirst());
    }
  }

  @Nullable Row dueDelay(long nowMs) {
    return delays.isEmpty() || ((Delayed) delays.first().state).untilMs() >= nowMs
        ? null
        : delays.first();
  }

  @Nullable Row dueDeadline(Moment now) {
    return deadlines.isEmpty() || !((Processing) deadlines.first().state).deadline().isBefore(now)
        ? null
        : deadlines.first();
  }

  @Nullable Row dueLease(Moment now) {
    return leases.isEmpty() || !((Claimed) leases.first().state).leaseEnd().isBefore(now)
        ? null
        : leases.first();
  }

  @Nullable Row dueExpiry(long nowMs) {
    return expiry.isEmpty() || expiresAtMs(expiry.first()) >= nowMs ? null : expiry.first();
  }

  private static long expiresAtMs(Row row) {
    Long at = row.activation.expiresAtMs();
    return at == null ? Long.MAX_VALUE : at;
  }
}
