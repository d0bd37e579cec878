package io.taskbroker.adapters.postgres;

import java.io.Serial;

/** The database cannot be used as it is. The message says what to do. */
public final class UnusableDatabaseException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  UnusableDatabaseException(String message, Throwable cause) {
    super(message, cause);
  }

  UnusableDatabaseException(String message) {
    super(message);
  }
}
