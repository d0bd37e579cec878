package io.taskbroker.inflight.engine;

import io.taskbroker.domain.ActivationState.Delayed;
import io.taskbroker.domain.Backpressure;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Times;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Rows ordered by the time at which something is due for them. */
final class Timers {
  /** Of rows that workers have; monotonic milliseconds. */
  final TimerQueue deadlines = new TimerQueue();

  /** Of rows that are claimed; monotonic milliseconds. */
  final TimerQueue leases = new TimerQueue();

  final NavigableSet<Row> expiry = by(Timers::expiresAtMs);

  /** Pending rows that were found expired while work was looked for. */
  final NavigableSet<Row> foundExpired = by(Timers::expiresAtMs);

  /** Pending rows that let others go first. */
  final NavigableSet<Row> resting = by(row -> row.restsUntilMs);

  /** Due within {@link Backpressure#FAR}, when it was last looked at; Unix milliseconds. */
  final TimerQueue delays = new TimerQueue();

  final TimerQueue farDelays = new TimerQueue();

  private static NavigableSet<Row> by(ToLongFunction<Row> dueAt) {
    return new TreeSet<>(Row.by(dueAt));
  }

  /** Whether it counts as due within the hour. */
  boolean addDelay(Row row, long untilMs, long nowMs) {
    boolean far = untilMs > Times.plus(nowMs, Backpressure.FAR.toMillis());
    (far ? farDelays : delays).add(row, untilMs);
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
    for (Row near = farDelays.first();
        near != null && farDelays.firstEndMs() <= horizon && !budget.isSpent();
        near = farDelays.first()) {
      budget.row();
      long untilMs = farDelays.firstEndMs();
      farDelays.remove(near);
      delays.add(near, untilMs);
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
    TimerQueue next = delays.isEmpty() ? farDelays : delays;
    return next.isEmpty() ? null : Times.plus(next.firstEndMs(), 1);
  }

  /**
   * Delayed rows, those first whose delay is over first; of one millisecond any. What is far may
   * have come near, and was not moved yet.
   */
  List<Row> upcoming(int most) {
    return Stream.concat(delays.firstOnes(most).stream(), farDelays.firstOnes(most).stream())
        .sorted(Comparator.comparingLong(Timers::delayedUntilMs))
        .limit(most)
        .toList();
  }

  private static long delayedUntilMs(Row row) {
    return row.state instanceof Delayed(long untilMs) ? untilMs : Long.MAX_VALUE;
  }

  private static boolean isDue(TimerQueue queue, long nowMs) {
    return !queue.isEmpty() && queue.firstEndMs() < nowMs;
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
    return isDue(deadlines, now.monotonicMs()) ? deadlines.first() : null;
  }

  @Nullable Row dueLease(Moment now) {
    return isDue(leases, now.monotonicMs()) ? leases.first() : null;
  }

  @Nullable Row dueExpiry(long nowMs) {
    return expiry.isEmpty() || expiresAtMs(expiry.first()) >= nowMs ? null : expiry.first();
  }

  private static long expiresAtMs(Row row) {
    Long at = row.activation.expiresAtMs();
    return at == null ? Long.MAX_VALUE : at;
  }
}
