package io.taskbroker.application.dispatch;

import io.taskbroker.application.Stalls;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Counts calls of workers that are refused for their signature, and says so if all of them are.
 * Safe for all threads.
 */
public final class Refusals {
  /** As the stall line calls what is refused. */
  public static final String WHAT = "Every call of workers";

  /** One stray call on an idle broker is no standstill. */
  static final int SEVERAL = 3;

  /** Callers that gave up are no standstill any more. */
  private static final Duration FORGOTTEN = Duration.ofMinutes(1);

  private final TimeSource time;
  private volatile @Nullable Run run;

  /**
   * Refused calls with none between them that was let in.
   *
   * @param last why the last of them was refused, and where it came from
   */
  private record Run(long calls, String last, Moment at) {}

  public Refusals(TimeSource time) {
    this.time = time;
  }

  /** A call bears a valid signature, or needs none. */
  public void admitted() {
    if (run != null) {
      run = null;
    }
  }

  /**
   * A call is refused.
   *
   * @param why in words for our log
   */
  public synchronized void refused(@Nullable Object from, String why) {
    Run before = run;
    String last = "the last came from %s, and %s".formatted(from, why);
    run = new Run(before == null ? 1 : before.calls() + 1, last, time.now());
  }

  /** Says whether every call is refused; to be called every few seconds. */
  public void look(Stalls stalls) {
    Run now = run;
    if (now == null || now.at().plus(FORGOTTEN).isBefore(time.now())) {
      stalls.end(WHAT);
    } else if (now.calls() >= SEVERAL) {
      stalls.begin(
          WHAT,
          "%d calls in a row were refused for their signature; %s"
              .formatted(now.calls(), now.last()),
          "Give the workers one of the secrets in grpc_shared_secret, or this broker the workers'.");
    }
  }
}
