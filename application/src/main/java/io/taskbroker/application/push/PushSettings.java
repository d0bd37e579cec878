package io.taskbroker.application.push;

import java.time.Duration;

/**
 * How work is brought to workers. The reference's settings keep their meaning where they can be
 * seen from outside; here they hold for each application by itself.
 *
 * @param concurrency pushes under way at once, per application ({@code push.threads})
 * @param queueSize activations claimed ahead of that, per application ({@code push.queue.size})
 * @param claimBatch most activations claimed at once ({@code fetch.batch_length})
 * @param timeout after which the outcome of a push is unknown ({@code push.timeout})
 * @param lease how long a claim lasts; see {@link #leaseOf}
 */
public record PushSettings(
    int concurrency, int queueSize, int claimBatch, Duration timeout, Duration lease) {
  public PushSettings {
    if (concurrency < 1 || queueSize < 1 || claimBatch < 1) {
      throw new IllegalArgumentException(
          "concurrency, queueSize and claimBatch must be at least 1, were "
              + concurrency
              + ", "
              + queueSize
              + ", "
              + claimBatch);
    }
  }

  /**
   * The reference's lease, which other programs read as {@code claim_expires_at}: time for the
   * batch to enter the queue, for the queue to be pushed in rounds, and for the marks to be
   * written, a second each.
   *
   * @param queueTimeout {@code push.queue.timeout}
   * @param batched {@code push.update.batched}
   * @param updateLength {@code push.update.batch.length}
   * @param updateInterval {@code push.update.batch.interval}
   */
  public static Duration leaseOf(
      int claimBatch,
      Duration queueTimeout,
      int queueSize,
      int threads,
      Duration timeout,
      boolean batched,
      int updateLength,
      Duration updateInterval) {
    long rounds = Math.ceilDiv(Math.max(queueSize, 1), Math.max(threads, 1)) + 1L;
    Duration marks =
        batched
            ? Duration.ofSeconds(Math.max(updateLength, 1) + 1L).plus(updateInterval)
            : Duration.ofSeconds(rounds);
    return queueTimeout
        .multipliedBy(Math.max(claimBatch, 1))
        .plus(timeout.multipliedBy(rounds))
        .plus(marks);
  }
}
