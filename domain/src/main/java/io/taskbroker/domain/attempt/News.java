package io.taskbroker.domain.attempt;

import io.taskbroker.domain.Conclusion;
import io.taskbroker.domain.RetryOverride;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a worker says of one attempt. */
public sealed interface News {
  Attempt attempt();

  /**
   * It is over.
   *
   * @param error what went wrong, in the worker's words, for the headers of a dead letter; null if
   *     it said nothing
   */
  record Outcome(
      Attempt attempt, Conclusion conclusion, RetryOverride retry, @Nullable String error)
      implements News {}

  /** It was never begun, and will not be. */
  record HandBack(Attempt attempt) implements News {}

  /**
   * It is under way, and needs this much time from now on. No time is taken away by it.
   *
   * @param by not negative; zero is a sign of life and asks for nothing
   */
  record Extension(Attempt attempt, Duration by) implements News {
    public Extension {
      if (by.isNegative()) {
        throw new IllegalArgumentException("an extension must not be negative, was " + by);
      }
    }
  }
}
