package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * What a worker's report changes in the activation's retry state. Kept beside the row and written
 * into the payload when that leaves the broker.
 *
 * @param maxAttempts unsigned 32 bit; null to leave as it is
 * @param delayOnRetrySec seconds, unsigned 64 bit; null to leave as it is
 */
public record RetryOverride(@Nullable Integer maxAttempts, @Nullable Long delayOnRetrySec) {
  /** Changes nothing. */
  public static final RetryOverride NONE = new RetryOverride(null, null);

  /** This override with {@code later} on top: what the later one leaves open stays. */
  public RetryOverride and(RetryOverride later) {
    if (later.equals(NONE)) {
      return this;
    }
    return new RetryOverride(
        later.maxAttempts == null ? maxAttempts : later.maxAttempts,
        later.delayOnRetrySec == null ? delayOnRetrySec : later.delayOnRetrySec);
  }
}
