package io.taskbroker.adapters.sqlite;

import java.io.Serial;

/**
 * The store's file cannot be opened, and was left as it is. The message names the file, says what
 * is wrong with it, and what to do.
 */
public final class UnusableFileException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  public UnusableFileException(String message) {
    super(message);
  }

  public UnusableFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
