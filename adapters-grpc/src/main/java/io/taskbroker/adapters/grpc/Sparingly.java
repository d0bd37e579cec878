package io.taskbroker.adapters.grpc;

import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Keeps what others can trigger from filling the log. Safe for all threads. */
final class Sparingly {
  private final long pauseMs;
  private final TimeSource time;
  private final AtomicLong nextMs = new AtomicLong(Long.MIN_VALUE);
  private final AtomicLong unsaid = new AtomicLong();

  Sparingly(Duration pause, TimeSource time) {
    this.pauseMs = pause.toMillis();
    this.time = time;
  }

  /**
   * Says it, unless something was said a moment ago.
   *
   * @param saying is given how much was left unsaid before
   */
  void say(LongConsumer saying) {
    long nowMs = time.now().monotonicMs();
    long due = nextMs.get();
    if (nowMs >= due && nextMs.compareAndSet(due, nowMs + pauseMs)) {
      saying.accept(unsaid.getAndSet(0));
    } else {
      unsaid.incrementAndGet();
    }
  }
}
