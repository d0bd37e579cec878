package io.taskbroker.application.intake;

import io.taskbroker.domain.Backpressure;
import java.time.Duration;

/**
 * How intake gathers batches, and when it holds back. A batch never waits for more.
 *
 * @param batchRows most rows of a batch; at least 1
 * @param batchBytes payload bytes after which a batch is closed
 * @param failureBackoff rest after the store failed to take a batch
 * @param limits what the store may hold
 */
public record IntakeSettings(
    int batchRows, long batchBytes, Duration failureBackoff, Backpressure.Limits limits) {
  public IntakeSettings {
    if (batchRows < 1) {
      throw new IllegalArgumentException("batchRows must be at least 1, was " + batchRows);
    }
  }
}
