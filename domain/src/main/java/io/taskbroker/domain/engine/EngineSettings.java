package io.taskbroker.domain.engine;

import java.time.Duration;

/**
 * How patient the engine is.
 *
 * @param deadlineGrace added to every processing deadline
 * @param maxAttempts missed deadlines after which an activation has failed; with 0 nothing is ever
 *     handed out
 */
public record EngineSettings(Duration deadlineGrace, int maxAttempts) {
  public EngineSettings {
    if (deadlineGrace.isNegative()) {
      throw new IllegalArgumentException("deadlineGrace must not be negative: " + deadlineGrace);
    }
    if (maxAttempts < 0) {
      throw new IllegalArgumentException("maxAttempts must not be negative, was " + maxAttempts);
    }
  }
}
