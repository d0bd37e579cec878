package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.Defects;
import io.taskbroker.application.Heartbeat;
import io.taskbroker.application.Loop;
import io.taskbroker.application.broker.Vitals;
import io.taskbroker.application.operations.Paces;
import io.taskbroker.application.threads.SystemThreads;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Remembers how the broker was in the last quarter of an hour, so that a page shows what led to the
 * present as soon as it is opened. Safe for all threads.
 */
final class RecentPast implements AutoCloseable {
  static final Duration EVERY = Duration.ofSeconds(5);

  /** How often what has ended is summed up, so that little of it waits. */
  private static final Duration TURN = Duration.ofSeconds(1);

  private static final long TURNS_OF_A_SAMPLE = EVERY.dividedBy(TURN);

  /** A quarter of an hour. */
  static final int MOST = 180;

  private final Supplier<Vitals> vitals;
  private final TimeSource time;
  private final Deque<Map<String, Object>> samples = new ArrayDeque<>();
  private final Loop sampling;
  private long turns;

  /**
   * @param paces summed up each second
   */
  RecentPast(Supplier<Vitals> vitals, Paces paces, TimeSource time) {
    this.vitals = vitals;
    this.time = time;
    this.sampling =
        Loop.enduring(
            SystemThreads.INSTANCE,
            "admin-past",
            () -> {
              if (turns++ % TURNS_OF_A_SAMPLE == 0) {
                sample();
              }
              paces.look();
              return 0;
            },
            TURN,
            new Defects("the recent past was not noted", time),
            new Heartbeat("admin-past", time, Duration.ofMinutes(1)));
  }

  void start() {
    sampling.start();
  }

  /** Notes how things are now. */
  void sample() {
    Map<String, Object> now = Views.sample(time.now().wallMs(), vitals.get());
    synchronized (samples) {
      if (samples.size() == MOST) {
        samples.removeFirst();
      }
      samples.addLast(now);
    }
  }

  /** The oldest first. */
  Object view() {
    synchronized (samples) {
      return Json.object("every_seconds", EVERY.toSeconds(), "samples", List.copyOf(samples));
    }
  }

  @Override
  public void close() {
    sampling.close();
  }
}
