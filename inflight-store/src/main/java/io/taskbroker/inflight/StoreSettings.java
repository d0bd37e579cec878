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
 */
public record StoreSettings(
    EngineSettings engine, boolean syncEveryCommit, int maxWaiting, Duration longestWait) {
  /** Twice what 5,000 workers could have under way; far below what the writer does in a second. */
  public static final int MAX_WAITING = 10_000;

  /** Shorter than the patience of any client; far longer than any commit of a healthy disk. */
  public static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  public StoreSettings {
    if (maxWaiting < 1) {
      throw new IllegalArgumentException("maxWaiting must be at least 1, was " + maxWaiting);
    }
    if (!longestWait.isPositive()) {
      throw new IllegalArgumentException("longestWait must be positive, was " + longestWait);
    }
  }

  public StoreSettings(EngineSettings engine, boolean syncEveryCommit) {
    this(engine, syncEveryCommit, MAX_WAITING, LONGEST_WAIT);
  }
}
