package io.taskbroker.application.upkeep;

import io.taskbroker.domain.Activation;
import io.taskbroker.domain.RetryOverride;

/** Writes what leaves the broker. Safe for all threads. */
public interface ActivationEncoder {
  /**
   * The payload with the worker's override in its retry state; the same bytes if it changes
   * nothing.
   *
   * @throws IllegalArgumentException if the payload is not an activation
   */
  byte[] withOverride(byte[] payload, RetryOverride override);

  /**
   * The next attempt: a new id, one attempt more, produced now, and delayed as the retry state
   * says.
   *
   * <p>The id follows from the old id, its attempt, topic, partition and offset, so that publishing
   * the same row twice makes one retry.
   *
   * @param nowMs Unix milliseconds
   * @throws IllegalArgumentException if the payload is not an activation
   */
  Retry nextAttempt(Activation activation, byte[] payload, RetryOverride override, long nowMs);

  /** How many attempts came before this one, as the payload says; 0 if it says nothing. */
  default int earlierAttempts(byte[] payload) {
    return 0;
  }

  /** The next attempt's id and payload. */
  record Retry(String id, byte[] payload) {}
}
