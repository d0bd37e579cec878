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
  final NavigableSet<Row> deadlines = new TreeSet<>(Row.BY_END);
  final NavigableSet<Row> leases = new TreeSet<>(Row.BY_END);
  final NavigableSet<Row> expiry = by(Timers::expiresAtMs);

  /** Pending rows that were found expired while work was looked for. */
  final NavigableSet<Row> foundExpired = by(Timers::expiresAtMs);

  /** Pending rows that let others go first. */
  final NavigableSet<Row> resting = by(row -> row.restsUntilMs);

  /** Due within {@link Backpressure#FAR}, when it was last looked at. */
  final NavigableSet<Row> delays = new TreeSet<>(Row.BY_END);

  final NavigableSet<Row> farDelays = new TreeSet<>(Row.BY_END);

  private static NavigableSet<Row> by(ToLongFunction<Row> dueAt) {
    return new TreeSet<>(Row.by(dueAt));
  }

  void addDeadline(Row row, Moment deadline) {
    row.endMs = deadline.monotonicMs();
    deadlines.add(row);
  }

  void addLease(Row row, Moment end) {
    row.endMs = end.monotonicMs();
    leases.add(row);
  }

  /** Whether it counts as due within the hour. */
  boolean addDelay(Row row, long nowMs) {
    row.endMs = ((Delayed) row.state).untilMs();
    boolean far = row.endMs > Times.plus(nowMs, Backpressure.FAR.toMillis());
    (far ? farDelays : delays).add(row);
    return !far;
  }

  /** Whether it counted as due within the hour. */
  boolean removeDelay(Row row) {
    boolean near = delays.remove(row);
    if (!near) {
      farDelays.remove(row);
    }
    return near;
  }

  /**
   * Moves what is now due within the hour to where the limit on delayed rows counts it, as far as
   * the budget goes: many may come near in one moment.
   */
  void drawNear(long nowMs, Budget budget, Demand demand) {
    long horizon = Times.plus(nowMs, Backpressure.FAR.toMillis());
    while (!budget.isSpent()
        && !farDelays.isEmpty()
        && ((Delayed) farDelays.first().state).untilMs() <= horizon) {
      budget.row();
      Row near = farDelays.pollFirst();
      delays.add(near);
      demand.addDelayed(near);
    }
  }

  /** Some row whose delay is over, whether it has been drawn near or not; null if there is none. */
  @Nullable Row dueDelay(long nowMs) {
    return isDue(delays, nowMs)
        ? delays.first()
        : isDue(farDelays, nowMs) ? farDelays.first() : null;
  }

  /** When the first delay is over, Unix ms; null if there is none. */
  @Nullable Long nextDelayEndMs() {
    NavigableSet<Row> next = delays.isEmpty() ? farDelays : delays;
    return next.isEmpty() ? null : Times.plus(((Delayed) next.first().state).untilMs(), 1);
  }

  private static boolean isDue(NavigableSet<Row> delays, long nowMs) {
    return !delays.isEmpty() && ((Delayed) delays.first().state).untilMs() < nowMs;
  }

  @Nullable Row restedBy(Moment now) {
    return resting.isEmpty() || resting.first().restsUntilMs > now.monotonicMs()
        ? null
        : resting.first();
  }

  /** A row that was found expired and is not, as the clock has gone back; null if none is. */
  @Nullable Row unexpiredAfterAll(long nowMs) {
    return foundExpired.isEmpty() || expiresAtMs(foundExpired.last()) <= nowMs
        ? null
        : foundExpired.last();
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
