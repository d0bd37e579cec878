package io.taskbroker.inflight.engine;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.ClaimPurpose;
import java.time.Duration;

/**
 * How patient the engine is.
 *
 * @param deadlineGrace added to every processing deadline
 * @param maxAttempts missed deadlines after which an activation has failed, and failed pushes after
 *     which it is hopeless; with 0 nothing is ever handed out
 * @param keeping what is kept of tasks that are over
 * @param pushLease how long a claim for a push lasts; bounds what is left of one that an earlier
 *     process, or its wall clock, left behind
 */
public record EngineSettings(
    Duration deadlineGrace, int maxAttempts, Keeping keeping, Duration pushLease) {
  /** How long a demoted activation may wait for its topic. */
  static final Duration DEMOTION_LEASE = Duration.ofHours(1);

  public EngineSettings {
    if (deadlineGrace.isNegative()) {
      throw new IllegalArgumentException("deadlineGrace must not be negative: " + deadlineGrace);
    }
    if (maxAttempts < 0) {
      throw new IllegalArgumentException("maxAttempts must not be negative, was " + maxAttempts);
    }
  }

  /** For a store whose claims for pushes last up to an hour. */
  public EngineSettings(Duration deadlineGrace, int maxAttempts, Keeping keeping) {
    this(deadlineGrace, maxAttempts, keeping, Duration.ofHours(1));
  }

  /** As the one before, for a store that keeps nothing of what is over. */
  public EngineSettings(Duration deadlineGrace, int maxAttempts) {
    this(deadlineGrace, maxAttempts, Keeping.NOTHING);
  }

  /** How long a claim for this may last. */
  Duration lease(ClaimPurpose purpose) {
    return switch (purpose) {
      case PUSH -> pushLease;
      case DEMOTION -> DEMOTION_LEASE;
    };
  }

  /** How long a worker that has this one may be silent. */
  Duration patience(Activation activation) {
    return deadlineGrace.plus(Duration.ofSeconds(activation.processingDeadlineSec()));
  }
}
