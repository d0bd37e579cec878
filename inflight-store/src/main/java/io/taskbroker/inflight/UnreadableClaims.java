package io.taskbroker.inflight;

import io.taskbroker.application.Sparsely;
import io.taskbroker.domain.Claim;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives claims back whose payloads could not be read, from the thread of the large payloads to the
 * writer's, which may put their rows aside.
 */
final class UnreadableClaims {
  private static final Logger LOG = LoggerFactory.getLogger("taskbroker::store");

  private final Answers answers;
  private final PutAside putAside;
  private final Sparsely lines;

  UnreadableClaims(Answers answers, PutAside putAside, TimeSource time) {
    this.answers = answers;
    this.putAside = putAside;
    this.lines = new Sparsely(time, Duration.ofMinutes(1));
  }

  void giveBack(Claim claim, JournalException failure) {
    long claims = lines.count(1);
    if (claims > 0) {
      LOG.warn(
          "The payload of activation {} could not be read, and its claim goes back: {} ({} such"
              + " claims since the last line)",
          claim.activation().id(),
          failure.getMessage(),
          claims);
    }
    answers.reachedNobody(claim, (_, now) -> putAside.unreadable(claim, failure, now));
  }
}
