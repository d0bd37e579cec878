package io.taskbroker.adapters.grpc;

import io.grpc.Metadata;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import io.taskbroker.domain.attempt.Token;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What a client says about waiting for a task, and what it is told in turn.
 *
 * <p>A call with the header {@code taskbroker-wait-ms} is held until there is a task for it, for so
 * many milliseconds at most. Its answer has the trailer {@code taskbroker-waited-ms}, by which the
 * client knows that the broker understands the header. One with a task has the trailer {@code
 * taskbroker-token}, by which the client can name the attempt.
 */
final class LongPoll {
  static final Metadata.Key<String> WAIT = key("taskbroker-wait-ms");
  static final Metadata.Key<String> WAITED = key("taskbroker-waited-ms");
  static final Metadata.Key<String> TOKEN = key("taskbroker-token");
  static final Metadata.Key<String> DRAINING = key("taskbroker-draining");

  private final Duration longest;
  private final TimeSource time;

  /**
   * What one call wishes.
   *
   * @param asked whether it has the header
   * @param since when it was asked; 0 if it was not
   * @param until null if it does not wait
   */
  record Wait(boolean asked, long since, @Nullable Moment until) {
    static final Wait NONE = new Wait(false, 0, null);
  }

  /**
   * @param longest that a call may wait; zero if none may
   */
  LongPoll(Duration longest, TimeSource time) {
    this.longest = longest;
    this.time = time;
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  /** Reads the header. What is not a number of milliseconds counts as no header. */
  Wait wish(Metadata headers) {
    String wish = headers.get(WAIT);
    if (wish == null || longest.isZero()) {
      return Wait.NONE;
    }
    long ms;
    try {
      ms = Math.min(Long.parseLong(wish), longest.toMillis());
    } catch (NumberFormatException _) {
      return Wait.NONE;
    }
    Moment now = time.now();
    return new Wait(true, now.monotonicMs(), ms > 0 ? now.plusMs(ms) : null);
  }

  /**
   * What the answer to a call with this wish ends with.
   *
   * @param token of the task in the answer; {@link Token#NONE} if there is none
   */
  Metadata trailers(Wait wait, long token, boolean isDraining) {
    Metadata trailers = new Metadata();
    if (wait.asked()) {
      trailers.put(WAITED, Long.toString(time.now().monotonicMs() - wait.since()));
      if (token != Token.NONE) {
        trailers.put(TOKEN, Long.toUnsignedString(token));
      }
      if (isDraining) {
        trailers.put(DRAINING, "1");
      }
    }
    return trailers;
  }
}
