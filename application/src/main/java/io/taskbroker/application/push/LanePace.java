package io.taskbroker.application.push;

import io.taskbroker.application.Backoff;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.TimeSource;
import java.time.Duration;

/**
 * When a lane may go on: it pauses shortly while its workers are busy, and longer and longer while
 * they are away. What begins during a pause does not make it longer. Safe for all threads.
 */
final class LanePace {
  /** A busy worker frees a place within the time of a task, which may be short. */
  private static final Duration FIRST_BUSY_PAUSE = Duration.ofMillis(5);

  private static final Duration LONGEST_BUSY_PAUSE = Duration.ofMillis(80);

  private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
  private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(5);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final TimeSource time;
  private final Backoff whileBusy = new Backoff(FIRST_BUSY_PAUSE, LONGEST_BUSY_PAUSE);
  private final Backoff whileAway = new Backoff(FIRST_BACKOFF, LONGEST_BACKOFF);
  private Moment resumeAt;

  LanePace(TimeSource time) {
    this.time = time;
    this.resumeAt = time.now();
  }

  synchronized boolean isPaused() {
    return time.now().isBefore(resumeAt);
  }

  /** A worker could be reached. */
  synchronized void reached() {
    whileAway.reset();
  }

  /** A worker has taken something. */
  synchronized void hasRoom() {
    whileBusy.reset();
  }

  /** A worker had no room. */
  synchronized void busy() {
    if (!isPaused()) {
      resumeAt = time.now().plus(whileBusy.next());
    }
  }

  /** No worker could be reached, or it refused. */
  synchronized void away() {
    if (!isPaused()) {
      resumeAt = time.now().plus(whileAway.next());
    }
  }

  /** The store failed. */
  synchronized void storeFailed() {
    resumeAt = time.now().plus(AFTER_FAILURE);
  }
}
