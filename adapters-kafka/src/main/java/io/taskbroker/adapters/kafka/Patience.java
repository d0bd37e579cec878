package io.taskbroker.adapters.kafka;

import io.taskbroker.domain.Moment;
import java.time.Duration;

/**
 * How long a poll may wait for records.
 *
 * <p>Records end a poll at once, so this matters only for what follows them. Their commit is wanted
 * as soon as one is due and they are stored, at first within a millisecond; so is the next batch
 * where reading is held. Otherwise nothing is urgent.
 */
final class Patience {
  private static final long IDLE_MS = 100;
  private static final long LONGEST_MS = 50;
  private static final long SHARE_OF_THE_WAIT = 8;

  private Moment lastNews;

  Patience(Moment now) {
    this.lastNews = now;
  }

  /** Records have come. */
  void news(Moment now) {
    lastNews = now;
  }

  /**
   * @param isHeld whether nothing is read until the store has taken in more
   */
  Duration untilNextLook(Commits commits, boolean isHeld, Moment now) {
    if (!commits.areOpen()) {
      return Duration.ofMillis(IDLE_MS);
    }
    long untilDueMs = commits.untilDue(now).toMillis();
    if (untilDueMs > 0 && !isHeld) {
      return Duration.ofMillis(Math.min(untilDueMs, LONGEST_MS));
    }
    long waitedMs = now.monotonicMs() - lastNews.monotonicMs();
    return Duration.ofMillis(Math.clamp(waitedMs / SHARE_OF_THE_WAIT, 1, LONGEST_MS));
  }
}
