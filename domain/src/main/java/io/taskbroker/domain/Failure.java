package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * Why an activation has failed, for the headers of its dead letter.
 *
 * @param atMs when that was known, Unix milliseconds
 * @param lastError what was said last about what went wrong; null if nobody said anything
 */
public record Failure(FailureCause cause, long atMs, @Nullable String lastError) {
  /** Whatever workers and servers say is kept in memory, so it is cut. */
  private static final int MOST_CHARACTERS = 200;

  public Failure {
    if (lastError != null && lastError.length() > MOST_CHARACTERS) {
      lastError = lastError.substring(0, MOST_CHARACTERS);
    }
  }

  public Failure(FailureCause cause, long atMs) {
    this(cause, atMs, null);
  }
}
