package io.taskbroker.inflight;

import io.taskbroker.inflight.engine.EngineSettings;
import java.time.Duration;

/**
 * How the owned store works.
 *
 * @param syncEveryCommit whether claims and reports, too, survive a power cut before they are
 *     answered
 * @param maxWaiting commands of workers that may wait; further ones are refused
 * @param longestWait after which a waiting command is withdrawn
 * @param maxWaiters callers that may wait for something to become due, besides; further ones are
 *     answered at once
 */
public record StoreSettings(
    EngineSettings engine,
    boolean syncEveryCommit,
    int maxWaiting,
    Duration longestWait,
    int maxWaiters) {
  /** Twice what 5,000 workers could have under way; far below what the writer does in a second. */
  public static final int MAX_WAITING = 10_000;

  /** Shorter than the patience of any client; far longer than any commit of a healthy disk. */
  public static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /** Twice what 5,000 workers need; each takes less than 1 KB here. */
  public static final int MAX_WAITERS = 10_000;

  public StoreSettings {
    if (maxWaiting < 1) {
      throw new IllegalArgumentException("maxWaiting must be at least 1, was " + maxWaiting);
    }
    if (!longestWait.isPositive()) {
      throw new IllegalArgumentException("longestWait must be positive, was " + longestWait);
    }
    if (maxWaiters < 0) {
      throw new IllegalArgumentException("maxWaiters must be at least 0, was " + maxWaiters);
    }
  }

  public StoreSettings(EngineSettings engine, boolean syncEveryCommit) {
    this(engine, syncEveryCommit, MAX_WAITING, LONGEST_WAIT, MAX_WAITERS);
  }
}
