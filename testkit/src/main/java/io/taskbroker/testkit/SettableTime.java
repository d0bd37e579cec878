package io.taskbroker.testkit;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Time that stands still until it is moved. Safe for all threads.
 *
 * <p>The wall clock can be stepped by itself, as operators and NTP do; the monotonic one only goes
 * forward, except into a new process, where it begins anew.
 */
public final class SettableTime implements TimeSource {
  /** Noon of an ordinary day, on a machine that has been up for an hour. */
  public static final Moment START =
      new Moment(
          Instant.parse("2026-03-02T12:00:00Z").toEpochMilli(), Duration.ofHours(1).toMillis());

  private final AtomicReference<Moment> now = new AtomicReference<>(START);

  @Override
  public Moment now() {
    return now.get();
  }

  /** Lets time pass, on both clocks. */
  public Moment advance(Duration span) {
    if (span.isNegative()) {
      throw new IllegalArgumentException("time does not go back, was told to go by " + span);
    }
    return now.updateAndGet(moment -> moment.plus(span));
  }

  /** Steps the wall clock alone; a negative step sets it back. */
  public Moment stepWall(Duration step) {
    return now.updateAndGet(
        moment -> new Moment(moment.wallMs() + step.toMillis(), moment.monotonicMs()));
  }

  /** What a new process finds: the wall clock goes on, the monotonic one counts from elsewhere. */
  public Moment enterNewProcess(long monotonicMs) {
    return now.updateAndGet(moment -> new Moment(moment.wallMs(), monotonicMs));
  }
}
