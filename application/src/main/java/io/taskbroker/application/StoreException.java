package io.taskbroker.application;

import java.io.Serial;

/** The store did not do what was asked. The subtype says what the caller can do about it. */
public abstract sealed class StoreException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private StoreException(String message, Throwable cause) {
    super(message, cause);
  }

  private StoreException(String message) {
    super(message);
  }

  /** Too many commands wait. Nothing changed; come again shortly. */
  public static final class Overloaded extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Overloaded(String message) {
      super(message);
    }
  }

  /** The journal failed, or the command waited too long. Nothing changed; it may succeed later. */
  public static final class Unavailable extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }

    public Unavailable(String message) {
      super(message);
    }
  }

  /** The store has ended, for good or because of a failed sync; this process gets no more of it. */
  public static final class Closed extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Closed(String message, Throwable cause) {
      super(message, cause);
    }

    public Closed(String message) {
      super(message);
    }
  }

  /** The command was wrong or hit a defect. Nothing changed; repeating it will not help. */
  public static final class Rejected extends StoreException {
    @Serial private static final long serialVersionUID = 1L;

    public Rejected(String message, Throwable cause) {
      super(message, cause);
    }

    public Rejected(String message) {
      super(message);
    }
  }
}
