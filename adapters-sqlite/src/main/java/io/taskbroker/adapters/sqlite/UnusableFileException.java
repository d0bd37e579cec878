package io.taskbroker.adapters.sqlite;

import java.io.Serial;
import java.nio.file.Path;

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

  /**
   * For a file that is left unchanged.
   *
   * @param what is wrong, as the rest of a sentence about the file
   * @param remedy what to do, without a full stop
   */
  public static UnusableFileException refused(Path file, String what, String remedy) {
    return new UnusableFileException(words(file, what, remedy));
  }

  /** As {@link #refused(Path, String, String)}, after a failure. */
  public static UnusableFileException refused(
      Path file, String what, String remedy, Throwable cause) {
    return new UnusableFileException(words(file, what, remedy), cause);
  }

  private static String words(Path file, String what, String remedy) {
    return "%s %s. Nothing in it was changed: %s.".formatted(file, what, remedy);
  }
}
