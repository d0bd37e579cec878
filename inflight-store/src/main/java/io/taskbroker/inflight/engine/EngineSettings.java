package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import java.time.Duration;

/**
 * How patient the engine is.
 *
 * @param deadlineGrace added to every processing deadline
 * @param maxAttempts missed deadlines after which an activation has failed, and failed pushes after
 *     which it is hopeless; with 0 nothing is ever handed out
 * @param keeping what is kept of tasks that are over
 */
public record EngineSettings(Duration deadlineGrace, int maxAttempts, Keeping keeping) {
  /**
   * How long a demoted activation may wait for its topic; also bounds what is left of a lease that
   * an earlier process, or its wall clock, left behind.
   */
  static final Duration LONGEST_LEASE = Duration.ofHours(1);

  public EngineSettings {
    if (deadlineGrace.isNegative()) {
      throw new IllegalArgumentException("deadlineGrace must not be negative: " + deadlineGrace);
    }
    if (maxAttempts < 0) {
      throw new IllegalArgumentException("maxAttempts must not be negative, was " + maxAttempts);
    }
  }

  /** As the other, for a store that keeps nothing of what is over. */
  public EngineSettings(Duration deadlineGrace, int maxAttempts) {
    this(deadlineGrace, maxAttempts, Keeping.NOTHING);
  }

  /** How long a worker that has this one may be silent. */
  Duration patience(Activation activation) {
    return deadlineGrace.plus(Duration.ofSeconds(activation.processingDeadlineSec()));
  }
}
