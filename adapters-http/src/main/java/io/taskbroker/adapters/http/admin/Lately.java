package io.taskbroker.adapters.http.admin;

import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer that costs something, and is asked for anew only when it is no longer fresh: ten
 * dashboards ask no more than one does. Whoever comes while it is asked for waits for it. Safe for
 * all threads.
 */
final class Lately<T> {
  private static final Duration FRESH = Duration.ofSeconds(2);

  private final Duration fresh;
  private final Supplier<T> source;
  private final TimeSource time;
  private @Nullable Known<T> known;

  /** How often it was forgotten. */
  private final AtomicInteger forgotten = new AtomicInteger();

  private record Known<T>(T value, Moment until, int forgotten) {}

  Lately(Supplier<T> source, TimeSource time) {
    this(source, FRESH, time);
  }

  /**
   * @param fresh how long; zero for not at all
   */
  Lately(Supplier<T> source, Duration fresh, TimeSource time) {
    this.fresh = fresh;
    this.source = source;
    this.time = time;
  }

  synchronized T value() {
    int before = forgotten.get();
    Known<T> last = known;
    if (last != null && last.forgotten() == before && time.now().isBefore(last.until())) {
      return last.value();
    }
    T value = source.get();
    known = new Known<>(value, time.now().plus(fresh), before);
    return value;
  }

  /** Whoever asks from now on is answered anew, also if somebody is asking. Waits for nobody. */
  void forget() {
    forgotten.incrementAndGet();
  }
}
