package io.taskbroker.application.upkeep;

import io.taskbroker.domain.Depths;
import java.time.Duration;

/**
 * What one pass of upkeep did, and what it found afterwards. Counts of what left through Kafka are
 * those since the pass before.
 *
 * @param uncertain at-most-once tasks that failed because Kafka may have their retry or demoted
 *     copy
 * @param judgedSilence whether deadlines and leases were judged, which they are not right after a
 *     start
 * @param cutShort whether more is due than one pass does
 * @param lag how long the oldest activation that no worker has had waits since it was due
 */
public record UpkeepReport(
    long completed,
    long deadLettered,
    long discarded,
    long claimExpirationReset,
    long processingDeadlineReset,
    long processingAttemptsExceeded,
    long expired,
    long retried,
    long delayElapsed,
    long overtaken,
    long uncertain,
    boolean judgedSilence,
    boolean cutShort,
    Depths depths,
    Duration lag) {
  /** Whether there is anything to tell. */
  public boolean isEmpty() {
    return completed
            + deadLettered
            + discarded
            + claimExpirationReset
            + processingDeadlineReset
            + processingAttemptsExceeded
            + expired
            + retried
            + delayElapsed
            + overtaken
            + uncertain
            + depths.unfinished()
        == 0;
  }
}
