package io.taskbroker.application.store;

import java.io.Serial;

/** A journal did not do what was asked. The subtype says what the file holds now. */
public abstract sealed class JournalException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private JournalException(String message, Throwable cause) {
    super(message, cause);
  }

  /** Nothing changed, in the file or on disk. The same call may succeed later. */
  public static final class NothingChanged extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    public NothingChanged(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** The group is there as a whole or not at all; {@link Journal#load} tells. */
  public static final class Unknown extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    public Unknown(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * A sync failed, or the file is damaged. The operating system reports a failed sync once and then
   * calls the pages clean, so nothing that this process reads or syncs from here on proves
   * anything.
   */
  public static final class Final extends JournalException {
    @Serial private static final long serialVersionUID = 1L;

    public Final(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
