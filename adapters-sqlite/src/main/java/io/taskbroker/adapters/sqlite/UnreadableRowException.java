package io.taskbroker.adapters.sqlite;

import java.io.Serial;

/** A row that no version of ours has written. */
final class UnreadableRowException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UnreadableRowException(long key, IllegalArgumentException cause) {
    super(
        "Could not make sense of the activation with key " + key + ": " + cause.getMessage(),
        cause);
  }
}
